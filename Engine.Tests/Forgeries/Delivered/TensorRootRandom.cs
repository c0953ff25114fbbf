using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>The root of a committed tensor is 32 random bytes, and its leaves are opened anyway.</summary>
internal sealed class TensorRootRandom : IForgery
{
    /// <inheritdoc/>
    public string Code => "C1";

    /// <inheritdoc/>
    public string Attack => "the root of a committed tensor is 32 random bytes, and its leaves are opened anyway";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        int node = (int?)scene.Proof.Openings.Tensors.FirstOrDefault(tensor => tensor.Value.Kind == ValueKind.Node)?.Value.Index ?? -1;
        if (node < 0 || scene.Records()[node].Outputs.Any(output => output.GraphOutput >= 0))
        {
            return null;
        }

        TraceLeaf leaf = Forge.Trace(scene, node);
        byte[] other = new TraceLeaf([.. leaf.Entries.Select(entry => entry with { Tensor = entry.Tensor with { Root = Ids.Of("root", [1]) } })]).ToArray();
        ReceiptFile receipt = Forge.Rooted(scene, scene.Receipt with { TraceLeaves = scene.Receipt.TraceLeaves.SetItem(node, other) });
        SpotFiles files = Forge.Delivered(scene, receipt);
        MultiProof? proof = scene.Proof.Openings.Lists.FirstOrDefault(list => list.Kind == TreeKind.Trace)?.Proof;
        if (proof is null)
        {
            return null;
        }

        MultiProof opened = MerkleTree.Of(scene.Suite(), TreeKind.Trace, receipt.TraceLeaves, PlainHasher.Instance)
            .Open(proof.Indices.AsSpan(), i => receipt.TraceLeaves[(int)i]);
        Openings openings = Forge.Lists(scene.Proof.Openings, list => list.Kind == TreeKind.Trace ? list with { Proof = opened } : null)!;
        Digest challenge = (scene.Challenge with { ReceiptId = receipt.Receipt.Id }).Id;
        return files with { Proof = new Proof(challenge, openings).ToArray() };
    }
}
