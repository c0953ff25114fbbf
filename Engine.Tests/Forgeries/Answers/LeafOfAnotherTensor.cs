using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A tensor is opened with leaves and path of another of equal type.</summary>
internal sealed class LeafOfAnotherTensor : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "a tensor is opened with leaves and path of another of equal type";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        foreach (TensorOpening one in scene.Proof.Openings.Tensors)
        {
            TensorOpening? other = scene.Proof.Openings.Tensors.FirstOrDefault(
                tensor => tensor != one && Type(scene, tensor) == Type(scene, one) && !tensor.Proof.Leaves[0].Span.SequenceEqual(one.Proof.Leaves[0].Span));
            if (other is not null)
            {
                return Forge.Answer(scene, Forge.Tensors(scene.Proof.Openings, tensor => tensor == one ? one with { Proof = other.Proof } : null)!);
            }
        }

        return null;
    }

    private static TensorType Type(Scene scene, TensorOpening tensor) => scene.Graph.Graph.TypeOf(tensor.Value);
}
