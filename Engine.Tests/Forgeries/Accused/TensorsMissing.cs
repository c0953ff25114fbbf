using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>An accusation opens records and commitments and no element.</summary>
internal sealed class TensorsMissing : IForgery
{
    /// <inheritdoc/>
    public string Code => "C11";

    /// <inheritdoc/>
    public string Attack => "an accusation opens records and commitments and no element";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "is not opened";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        if (Forge.Element(scene, random) is not ElementRef element)
        {
            return null;
        }

        FraudProof accusation = Forge.Accuse(scene, Reason.WrongElement, element);
        return (accusation with { Openings = accusation.Openings with { Tensors = [] } }).ToFile();
    }
}
