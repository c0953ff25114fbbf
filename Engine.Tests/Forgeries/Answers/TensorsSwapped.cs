using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>Two opened tensors change names.</summary>
internal sealed class TensorsSwapped : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "two opened tensors change names";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        Openings openings = scene.Proof.Openings;
        if (openings.Tensors.Length < 2)
        {
            return null;
        }

        (TensorOpening a, TensorOpening b) = (openings.Tensors[0], openings.Tensors[1]);
        return Forge.Answer(scene, openings with
        {
            Tensors = openings.Tensors.SetItem(0, a with { Proof = b.Proof }).SetItem(1, b with { Proof = a.Proof }),
        });
    }
}
