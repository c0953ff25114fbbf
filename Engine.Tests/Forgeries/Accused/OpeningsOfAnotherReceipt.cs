using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>Openings of a run on other inputs accuse a receipt.</summary>
internal sealed class OpeningsOfAnotherReceipt : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "openings of a run on other inputs accuse a receipt";

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
            Statement = scene.Statement.Statement, Receipt = scene.Receipt.Receipt,
        }).ToFile();
    }
}
