using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A leaf stands at the index beside its own.</summary>
internal sealed class LeafIndexWrong : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "a leaf stands at the index beside its own";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.TensorProofs(scene, proof => proof.Indices.Length == 1 && proof.Siblings.Length > 0 && proof.Leaves[0].Length == 1024
            ? new MultiProof([proof.Indices[0] ^ 1], proof.Leaves, proof.Siblings)
            : null);
}
