using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The proof opens output leaves, which no check needs.</summary>
internal sealed class TreeSurplus : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "the proof opens output leaves, which no check needs";

    /// <inheritdoc/>
    public Reason Reason => Reason.Surplus;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> leaves = scene.Receipt.OutputLeaves;
        MultiProof proof = MerkleTree.Of(scene.Suite(), TreeKind.Outputs, leaves, PlainHasher.Instance).Open([0], i => leaves[(int)i]);
        Openings openings = scene.Proof.Openings;
        return Forge.Answer(scene, openings with { Lists = openings.Lists.Add(new ListOpening(TreeKind.Outputs, leaves.Count, proof)) });
    }
}
