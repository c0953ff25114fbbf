using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Accusations under statements that nobody validated: everything in them is the accuser's, hashes included. They must cost
/// the judge little.</summary>
internal static class Hostile
{
    /// <summary>64 values, each the sum of the one before with itself; only the last is committed.</summary>
    internal static FraudFile Doublings { get; } = Accused(Enumerable.Range(0, 64).Select(i =>
    {
        RecordInput before = i == 0 ? Stating.Input(Stating.Four) : Stating.Node(i - 1, Stating.Four);
        return Stating.Record(Add.Instance, i == 63 ? Resolution.Committed : Resolution.Recomputed, before, before);
    }));

    /// <summary>5,000 values, each the negative of the one before; only the last is committed.</summary>
    internal static FraudFile Deep { get; } = Accused(Enumerable.Range(0, 5000).Select(i => Stating.Record(
        Neg.Instance,
        i == 4999 ? Resolution.Committed : Resolution.Recomputed,
        i == 0 ? Stating.Input(Stating.Four) : Stating.Node(i - 1, Stating.Four))));

    /// <summary>A sum over as many elements of a recomputed record of 4,096 inputs as one check may pull.</summary>
    internal static FraudFile Wide { get; } = MakeWide();

    private static FraudFile MakeWide()
    {
        const int inputs = Limits.RecordValues;
        TensorType part = new(DType.F32, new Shape(64));
        RecordInput given = Stating.Input(part);
        GraphRecord wide = Stating.Record(new Concat(0), Resolution.Recomputed, [.. Enumerable.Repeat(given, inputs)]);
        TensorType joined = wide.Outputs[0].Type;
        TensorType plane = new(DType.F32, new Shape(1, 1, joined.Elements));
        GraphRecord view = Stating.Record(new View(AffineView.Identity(plane.Shape)), Resolution.View, Stating.Node(0, joined));
        GraphRecord sum = Stating.Record(GlobalAveragePool.Instance, Resolution.Committed, Stating.Node(1, plane));
        return Accused([wide, view, sum]);
    }

    // Accuses element 0 of the last record. The inputs tree and the trace are whatever fits: zeros, and nothing.
    private static FraudFile Accused(IEnumerable<GraphRecord> records)
    {
        GraphRecord[] graph = [.. records];
        ReadOnlyMemory<byte>[] bytes = [.. graph.Select((record, index) => (ReadOnlyMemory<byte>)RecordCodec.Write(index, record))];
        TensorType given = graph[0].Inputs[0].Type;
        byte[] zeros = new byte[given.Bytes];
        ReadOnlyMemory<byte> commitment = new TensorCommitment(given, MerkleTree.TensorRoot(Suite.Sha256, zeros, PlainHasher.Instance)).ToArray();
        ReadOnlyMemory<byte>[] inputs = [.. Enumerable.Repeat(commitment, 901)];
        TensorType last = graph[^1].Outputs[0].Type;
        byte[] claimed = new byte[last.Bytes];
        claimed[0] = 1;
        TensorCommitment told = new(last, MerkleTree.TensorRoot(Suite.Sha256, claimed, PlainHasher.Instance));
        ReadOnlyMemory<byte>[] trace = [.. graph.Select((record, index) => (ReadOnlyMemory<byte>)new TraceLeaf(
            index == graph.Length - 1 ? [new TraceEntry(0, told)] : []).ToArray())];
        Statement statement = Verify.Scene.Template(Policy.Compact, Suite.Sha256, 1, "hostile") with
        {
            GraphRoot = MerkleTree.RootOf(Suite.Sha256, TreeKind.Graph, bytes, PlainHasher.Instance),
            InputsRoot = MerkleTree.RootOf(Suite.Sha256, TreeKind.Inputs, inputs, PlainHasher.Instance),
        };
        Receipt receipt = new(statement.Id, ProverKey.None, MerkleTree.RootOf(Suite.Sha256, TreeKind.Trace, trace, PlainHasher.Instance), default, 0);
        long[] all = [.. Enumerable.Range(0, graph.Length).Select(i => (long)i)];
        Openings openings = new(
            [
                Open(TreeKind.Inputs, inputs, [900]),
                Open(TreeKind.Graph, bytes, all),
                Open(TreeKind.Trace, trace, [graph.Length - 1]),
            ],
            [
                new TensorOpening(
                    new ValueRef(ValueKind.Node, graph.Length - 1), MerkleTree.OfTensor(Suite.Sha256, claimed, PlainHasher.Instance).Open([0], _ => claimed)),
                new TensorOpening(
                    new ValueRef(ValueKind.Input, 900), MerkleTree.OfTensor(Suite.Sha256, zeros, PlainHasher.Instance).Open([0], _ => zeros)),
            ]);
        return new FraudProof(statement, receipt, Reason.WrongElement, new ElementRef(graph.Length - 1, 0, 0), openings).ToFile();
    }

    private static ListOpening Open(TreeKind kind, ReadOnlyMemory<byte>[] leaves, ReadOnlySpan<long> indices) =>
        new(kind, leaves.Length, MerkleTree.Of(Suite.Sha256, kind, leaves, PlainHasher.Instance).Open(indices, i => leaves[(int)i]));
}
