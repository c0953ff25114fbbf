using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>The last trace leaf is opened as one of a smaller tree with the same tree hash.</summary>
internal sealed class LeafAsAnotherNode : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "the last trace leaf is opened as one of a smaller tree with the same tree hash";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "Trace: WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        // The last leaf of an odd number n has the siblings of leaf (n - 1)/2 among (n + 1)/2: without the size in the root they could not be told apart.
        int count = scene.Records().Length;
        int node = (count - 1) / 2;
        if (count % 2 == 0 || count < 3 || Forge.Trace(scene, node).Fits(scene.Records()[count - 1], scene.Suite()))
        {
            return null;
        }

        FraudProof accusation = Forge.Accuse(scene, Reason.WrongShape, new ElementRef(node, 0, 0));
        IReadOnlyList<ReadOnlyMemory<byte>> leaves = scene.Receipt.TraceLeaves;
        MultiProof last = MerkleTree.Of(scene.Suite(), TreeKind.Trace, leaves, PlainHasher.Instance).Open([count - 1], i => leaves[(int)i]);
        Openings? openings = Forge.Lists(accusation.Openings, list => list.Kind != TreeKind.Trace ? null
            : list with { Size = (count + 1) / 2, Proof = new MultiProof([node], last.Leaves, last.Siblings) });
        return (accusation with { Openings = openings! }).ToFile();
    }
}
