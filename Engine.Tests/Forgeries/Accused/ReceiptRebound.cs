using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>The receipt of one job is relabelled for another.</summary>
internal sealed class ReceiptRebound : IForgery
{
    /// <inheritdoc/>
    public string Code => "C8";

    /// <inheritdoc/>
    public string Attack => "the receipt of one job is relabelled for another";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        Scene other = Another.Inputs(scene, random);
        return Forge.Element(scene, random) is not ElementRef element ? null : (Forge.Accuse(other, Reason.WrongElement, element) with
        {
            Receipt = scene.Receipt.Receipt with { StatementId = other.Statement.Statement.Id },
        }).ToFile();
    }
}
