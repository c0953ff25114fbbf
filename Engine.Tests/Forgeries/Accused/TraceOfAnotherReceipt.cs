using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>The statement of one run and the receipt of another are put together.</summary>
internal sealed class TraceOfAnotherReceipt : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "the statement of one run and the receipt of another are put together";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "the receipt is for another statement";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        Scene other = Another.Inputs(scene, random);
        return Forge.Element(scene, random) is not ElementRef element ? null
            : (Forge.Accuse(scene, Reason.WrongElement, element) with { Receipt = other.Receipt.Receipt }).ToFile();
    }
}
