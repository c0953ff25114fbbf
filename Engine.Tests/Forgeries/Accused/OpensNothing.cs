using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>An accusation opens nothing.</summary>
internal sealed class OpensNothing : IForgery
{
    /// <inheritdoc/>
    public string Code => "C11";

    /// <inheritdoc/>
    public string Attack => "an accusation opens nothing";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "is not opened";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Element(scene, random) is not ElementRef element ? null
            : (Forge.Accuse(scene, Reason.WrongElement, element) with { Openings = Openings.None }).ToFile();
}
