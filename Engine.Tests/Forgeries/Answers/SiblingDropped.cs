using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A multiproof lacks its last sibling.</summary>
internal sealed class SiblingDropped : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "a multiproof lacks its last sibling";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "SiblingCount";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Proofs(scene, proof => proof.Siblings.IsEmpty ? null
            : new MultiProof(proof.Indices, proof.Leaves, proof.Siblings[..^1]));
}
