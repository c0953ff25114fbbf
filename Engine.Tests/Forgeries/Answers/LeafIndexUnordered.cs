using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The indices of a multiproof descend.</summary>
internal sealed class LeafIndexUnordered : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "the indices of a multiproof descend";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "Unordered";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Proofs(scene, proof => proof.Indices.Length < 2 ? null
            : new MultiProof([.. proof.Indices.Reverse()], [.. proof.Leaves.Reverse()], proof.Siblings));
}
