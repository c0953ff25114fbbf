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

    /// <summary>A sum over as many elements of a recomputed record whose other inputs, of 4,096, have no elements.</summary>
    internal static FraudFile WideAndEmpty { get; } = MakeWideAndEmpty();

    /// <summary>A trace leaf of 4,096 entries, and a leaf opened of the tensor of each.</summary>
    internal static FraudFile ManyTensors { get; } = MakeManyTensors();

    /// <summary>The inputs are a list of 2^21 leaves, as far as its root says: the accuser made the siblings up.</summary>
    internal static FraudFile LongList { get; } = MakeLongList();

    /// <summary>A negation stands as a view, and a sum reads it.</summary>
    internal static FraudFile NoView { get; } = Accused(
    [
        Stating.Record(Neg.Instance, Resolution.View, Stating.Input(Stating.Four)),
        Stating.Record(Add.Instance, Resolution.Committed, Stating.Node(0, Stating.Four), Stating.Node(0, Stating.Four)),
    ]);

    private static FraudFile MakeWide()
    {
        TensorType part = new(DType.F32, new Shape(64));
        GraphRecord wide = Stating.Record(new Concat(0), Resolution.Recomputed, [.. Enumerable.Repeat(Stating.Input(part), Limits.RecordValues)]);
        return Accused([wide, .. SumOf(0, wide.Outputs[0].Type)]);
    }

    private static FraudFile MakeWideAndEmpty()
    {
        TensorType part = new(DType.F32, new Shape(64));
        AffineView repeated = new(new Shape(1 << 18), 0, [0]);
        GraphRecord view = Stating.Record(new View(repeated), Resolution.View, Stating.Input(part));
        TensorType seen = view.Outputs[0].Type;
        GraphRecord wide = Stating.Record(new Concat(0), Resolution.Recomputed, [.. Stating.Nothings, Stating.Node(0, seen)]);
        return Accused([view, wide, .. SumOf(1, seen)]);
    }

    private static FraudFile MakeManyTensors()
    {
        const int count = Limits.RecordValues;
        FraudProof plain = Read(Accused([Stating.Record(Neg.Instance, Resolution.Committed, Stating.Input(Stating.Four))]));
        byte[] bytes = new byte[Stating.Four.Bytes];
        MerkleTree tree = MerkleTree.OfTensor(Suite.Sha256, bytes, PlainHasher.Instance);
        TensorCommitment told = new(Stating.Four, tree.Root);
        ReadOnlyMemory<byte>[] trace = [new TraceLeaf([.. Enumerable.Range(0, count).Select(slot => new TraceEntry(slot, told))]).ToArray()];
        IEnumerable<TensorOpening> tensors = Enumerable.Range(0, count)
            .Select(slot => new TensorOpening(new ValueRef(ValueKind.Node, 0, slot), tree.Open([0], _ => bytes)));
        Openings openings = new(
            [.. plain.Openings.Lists.Where(list => list.Kind != TreeKind.Trace), Open(TreeKind.Trace, trace, [0])],
            [.. tensors, .. plain.Openings.Tensors.Where(tensor => tensor.Value.Kind == ValueKind.Input)]);
        Receipt receipt = plain.Receipt with { TraceRoot = MerkleTree.RootOf(Suite.Sha256, TreeKind.Trace, trace, PlainHasher.Instance) };
        return (plain with { Receipt = receipt, Openings = openings }).ToFile();
    }

    private static FraudFile MakeLongList()
    {
        const int levels = 21;
        FraudProof plain = Read(Accused([Stating.Record(Neg.Instance, Resolution.Committed, Stating.Input(Stating.Four))]));
        ListOpening inputs = plain.Openings.Lists[0];
        ReadOnlyMemory<byte> leaf = inputs.Proof.Leaves[0];
        Digest[] siblings = [.. Enumerable.Range(0, levels).Select(level => Ids.Of("sibling", [(byte)level]))];
        Digest top = PlainHasher.Hash(Suite.Sha256, Tag.Of(TreeKind.Inputs, TagRole.Leaf), leaf.Span);
        for (int level = 0; level < levels; level++)
        {
            Digest[] pair = ((Stating.InputIndex >> level) & 1) == 0 ? [top, siblings[level]] : [siblings[level], top];
            Digest[] parent = new Digest[1];
            PlainHasher.Instance.HashParents(Suite.Sha256, TreeKind.Inputs, pair, top: false, parent);
            top = parent[0];
        }

        const long size = 1L << levels;
        ListOpening longer = new(TreeKind.Inputs, size, new MultiProof([Stating.InputIndex], [leaf], [.. siblings]));
        Statement statement = plain.Statement with { InputsRoot = MerkleTree.Bind(Suite.Sha256, TreeKind.Inputs, size, top) };
        return new FraudProof(
            statement,
            plain.Receipt with { StatementId = statement.Id },
            plain.Accusation,
            plain.Element,
            plain.Openings with { Lists = plain.Openings.Lists.SetItem(0, longer) }).ToFile();
    }

    private static FraudProof Read(FraudFile file) =>
        FraudProof.TryRead(file.Bytes, out FraudProof? proof, out string why) ? proof! : throw new InvalidOperationException(why);

    // The sum over output 0 of a record.
    private static IEnumerable<GraphRecord> SumOf(int node, TensorType joined)
    {
        TensorType plane = new(DType.F32, new Shape(1, 1, joined.Elements));
        yield return Stating.Record(new View(AffineView.Identity(plane.Shape)), Resolution.View, Stating.Node(node, joined));
        yield return Stating.Record(GlobalAveragePool.Instance, Resolution.Committed, Stating.Node(node + 1, plane));
    }

    // Accuses element 0 of the last record. The inputs tree and the trace are whatever fits: zeros, and nothing.
    private static FraudFile Accused(IEnumerable<GraphRecord> records)
    {
        GraphRecord[] graph = [.. records];
        ReadOnlyMemory<byte>[] bytes = [.. graph.Select((record, index) => (ReadOnlyMemory<byte>)RecordCodec.Write(index, record))];
        TensorType given = graph[0].Inputs[0].Type;
        byte[] zeros = new byte[given.Bytes];
        ReadOnlyMemory<byte> commitment = new TensorCommitment(given, MerkleTree.TensorRoot(Suite.Sha256, zeros, PlainHasher.Instance)).ToArray();
        ReadOnlyMemory<byte>[] inputs = [.. Enumerable.Repeat(commitment, Stating.InputIndex + 1)];
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
                Open(TreeKind.Inputs, inputs, [Stating.InputIndex]),
                Open(TreeKind.Graph, bytes, all),
                Open(TreeKind.Trace, trace, [graph.Length - 1]),
            ],
            [
                new TensorOpening(
                    new ValueRef(ValueKind.Node, graph.Length - 1), MerkleTree.OfTensor(Suite.Sha256, claimed, PlainHasher.Instance).Open([0], _ => claimed)),
                new TensorOpening(
                    new ValueRef(ValueKind.Input, Stating.InputIndex), MerkleTree.OfTensor(Suite.Sha256, zeros, PlainHasher.Instance).Open([0], _ => zeros)),
            ]);
        return new FraudProof(statement, receipt, Reason.WrongElement, new ElementRef(graph.Length - 1, 0, 0), openings).ToFile();
    }

    private static ListOpening Open(TreeKind kind, ReadOnlyMemory<byte>[] leaves, ReadOnlySpan<long> indices) =>
        new(kind, leaves.Length, MerkleTree.Of(Suite.Sha256, kind, leaves, PlainHasher.Instance).Open(indices, i => leaves[(int)i]));
}
