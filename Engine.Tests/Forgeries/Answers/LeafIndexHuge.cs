using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The index of a tensor's leaf is the largest number.</summary>
internal sealed class LeafIndexHuge : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "the index of a tensor's leaf is the largest number";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "BeyondSize";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.TensorProofs(
            scene, proof => new MultiProof(proof.Indices.SetItem(proof.Indices.Length - 1, long.MaxValue), proof.Leaves, proof.Siblings));
}
