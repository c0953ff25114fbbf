using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A multiproof opens one leaf twice.</summary>
internal sealed class LeafTwice : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "a multiproof opens one leaf twice";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "Unordered";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Proofs(
            scene, proof => new MultiProof([proof.Indices[0], .. proof.Indices], [proof.Leaves[0], .. proof.Leaves], proof.Siblings));
}
