using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A leaf lacks its last byte.</summary>
internal sealed class LeafShortened : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "a leaf lacks its last byte";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "LeafLength";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.TensorProofs(scene, proof => new MultiProof(proof.Indices, proof.Leaves.SetItem(0, proof.Leaves[0][..^1]), proof.Siblings));
}
