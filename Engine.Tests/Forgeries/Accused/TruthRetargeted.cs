using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A true accusation of one receipt is aimed at the honest one.</summary>
internal sealed class TruthRetargeted : IForgery
{
    /// <inheritdoc/>
    public string Code => "H16";

    /// <inheritdoc/>
    public string Attack => "a true accusation of one receipt is aimed at the honest one";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        FraudProof.TryRead(Whole.Accusation(scene).Bytes, out FraudProof? accusation, out _);
        return (accusation! with { Receipt = scene.Receipt.Receipt }).ToFile();
    }
}
