using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>The attacker's tools: each changes one thing of an honest run and makes everything else fit it again, as a careful attacker would.</summary>
internal static class Forge
{
    /// <summary>The files of a run.</summary>
    internal static SpotFiles Files(Scene scene) =>
        new(scene.Statement.ToArray(), scene.Receipt.ToArray(), scene.Challenge.ToArray(), scene.Proof.ToArray());

    /// <summary>Other openings in the proof.</summary>
    internal static SpotFiles Answer(Scene scene, Openings openings) =>
        Files(scene) with { Proof = (scene.Proof with { Openings = openings }).ToArray() };

    /// <summary>Openings with the first list changed for which there is a change.</summary>
    internal static Openings? Lists(Openings openings, Func<ListOpening, ListOpening?> edit)
    {
        for (int i = 0; i < openings.Lists.Length; i++)
        {
            if (edit(openings.Lists[i]) is ListOpening other)
            {
                return openings with { Lists = openings.Lists.SetItem(i, other) };
            }
        }

        return null;
    }

    /// <summary>Openings with the first tensor changed for which there is a change.</summary>
    internal static Openings? Tensors(Openings openings, Func<TensorOpening, TensorOpening?> edit)
    {
        for (int i = 0; i < openings.Tensors.Length; i++)
        {
            if (edit(openings.Tensors[i]) is TensorOpening other)
            {
                return openings with { Tensors = openings.Tensors.SetItem(i, other) };
            }
        }

        return null;
    }

    /// <summary>A proof in which the first multiproof is changed for which there is a change, lists before tensors.</summary>
    internal static SpotFiles? Proofs(Scene scene, Func<MultiProof, MultiProof?> edit)
    {
        Openings? openings = Lists(scene.Proof.Openings, list => edit(list.Proof) is MultiProof proof ? list with { Proof = proof } : null)
            ?? Tensors(scene.Proof.Openings, tensor => edit(tensor.Proof) is MultiProof proof ? tensor with { Proof = proof } : null);
        return openings is null ? null : Answer(scene, openings);
    }

    /// <summary>The same in a tensor's multiproof.</summary>
    internal static SpotFiles? TensorProofs(Scene scene, Func<MultiProof, MultiProof?> edit)
    {
        Openings? openings = Tensors(
            scene.Proof.Openings, tensor => edit(tensor.Proof) is MultiProof proof ? tensor with { Proof = proof } : null);
        return openings is null ? null : Answer(scene, openings);
    }

    /// <summary>A list opened at other places than the proof opens it at.</summary>
    internal static SpotFiles? Reopened(Scene scene, TreeKind kind, Func<ImmutableArray<long>, long, IEnumerable<long>?> places)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> leaves = Leaves(scene, kind);
        Openings? openings = Lists(scene.Proof.Openings, list =>
        {
            long[]? indices = list.Kind == kind ? places(list.Proof.Indices, leaves.Count)?.ToArray() : null;
            return indices is null or { Length: 0 } ? null
                : list with { Proof = MerkleTree.Of(scene.Suite(), kind, leaves, PlainHasher.Instance).Open(indices, i => leaves[(int)i]) };
        });
        return openings is null ? null : Answer(scene, openings);
    }

    /// <summary>A tensor opened at other places than the proof opens it at.</summary>
    internal static SpotFiles? Reopened(Scene scene, Func<ImmutableArray<long>, long, IEnumerable<long>?> places)
    {
        Openings? openings = Tensors(scene.Proof.Openings, tensor =>
        {
            ReadOnlyMemory<byte> bytes = Bytes(scene, tensor.Value);
            MerkleTree tree = MerkleTree.OfTensor(scene.Suite(), bytes.Span, PlainHasher.Instance);
            long[]? indices = places(tensor.Proof.Indices, tree.LeafCount)?.ToArray();
            return indices is null or { Length: 0 } ? null : tensor with { Proof = tree.Open(indices, i => LeafOf(bytes, i)) };
        });
        return openings is null ? null : Answer(scene, openings);
    }

    /// <summary>Another challenge, with the old openings as its answer.</summary>
    internal static SpotFiles Asked(Scene scene, Challenge challenge) => Files(scene) with
    {
        Challenge = challenge.ToArray(),
        Proof = (scene.Proof with { ChallengeId = challenge.Id }).ToArray(),
    };

    /// <summary>Another challenge, with the old openings as its answer; null where these happen to be enough for it.</summary>
    internal static SpotFiles? Relabelled(Scene scene, Challenge challenge)
    {
        Openings honest = Prover.Prove(scene.Held, challenge, PlainHasher.Instance).Openings;
        return Leaves(honest).IsSubsetOf(Leaves(scene.Proof.Openings)) ? null : Asked(scene, challenge);
    }

    private static HashSet<(ValueRef Value, long Leaf)> Leaves(Openings openings) =>
        [.. openings.Tensors.SelectMany(tensor => tensor.Proof.Indices.Select(leaf => (tensor.Value, leaf)))];

    /// <summary>Another receipt, with a challenge for it and the old openings as the answer.</summary>
    internal static SpotFiles Delivered(Scene scene, ReceiptFile receipt) =>
        Asked(scene, scene.Challenge with { ReceiptId = receipt.Receipt.Id }) with { Receipt = receipt.ToArray() };

    /// <summary>Other trace leaves under a root that fits them.</summary>
    internal static SpotFiles Traced(Scene scene, ImmutableArray<ReadOnlyMemory<byte>> leaves) =>
        Delivered(scene, Rooted(scene, scene.Receipt with { TraceLeaves = leaves }));

    /// <summary>One other trace leaf under a root that fits it.</summary>
    internal static SpotFiles Traced(Scene scene, int node, ReadOnlyMemory<byte> leaf) => Traced(scene, scene.Receipt.TraceLeaves.SetItem(node, leaf));

    /// <summary>Other output leaves under a root that fits them.</summary>
    internal static SpotFiles Bound(Scene scene, ImmutableArray<ReadOnlyMemory<byte>> leaves) =>
        Delivered(scene, Rooted(scene, scene.Receipt with { OutputLeaves = leaves }));

    /// <summary>A receipt whose roots are those of its table.</summary>
    internal static ReceiptFile Rooted(Scene scene, ReceiptFile file) => file with
    {
        Receipt = file.Receipt with
        {
            TraceRoot = MerkleTree.RootOf(scene.Suite(), TreeKind.Trace, file.TraceLeaves, PlainHasher.Instance),
            OutputsRoot = MerkleTree.RootOf(scene.Suite(), TreeKind.Outputs, file.OutputLeaves, PlainHasher.Instance),
        },
    };

    /// <summary>Other records under a statement whose graph root fits them, and a receipt and a challenge that fit the statement.</summary>
    internal static SpotFiles Stated(Scene scene, IEnumerable<GraphRecord> records) =>
        Stated(scene, [.. records.Select((record, index) => (ReadOnlyMemory<byte>)RecordCodec.Write(index, record))]);

    /// <summary>The same with records as bytes.</summary>
    internal static SpotFiles Stated(Scene scene, ImmutableArray<ReadOnlyMemory<byte>> records)
    {
        Statement statement = scene.Statement.Statement with
        {
            GraphRoot = MerkleTree.RootOf(scene.Suite(), TreeKind.Graph, records, PlainHasher.Instance),
        };
        return Stated(scene, statement, records);
    }

    /// <summary>Another statement over the same records, and a receipt and a challenge that fit it.</summary>
    internal static SpotFiles Stated(Scene scene, Statement statement, IReadOnlyList<ReadOnlyMemory<byte>>? records = null)
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.Statement);
        statement.Write(writer);
        records ??= scene.Statement.RecordBytes;
        writer.U32(records.Count);
        foreach (ReadOnlyMemory<byte> record in records)
        {
            writer.Bytes(record.Span);
        }

        ReceiptFile receipt = scene.Receipt with { Receipt = scene.Receipt.Receipt with { StatementId = statement.Id } };
        Challenge challenge = scene.Challenge with { StatementId = statement.Id, ReceiptId = receipt.Receipt.Id };
        return new SpotFiles(
            writer.ToArray(), receipt.ToArray(), challenge.ToArray(), (scene.Proof with { ChallengeId = challenge.Id }).ToArray());
    }

    /// <summary>The run of a prover who commits to other bytes of one value than were computed, and answers its challenge from them.</summary>
    internal static Scene Retold(Scene scene, ValueRef value, ReadOnlyMemory<byte> bytes)
    {
        MemoryTraceStore store = new();
        List<ReadOnlyMemory<byte>> trace = [];
        foreach ((GraphRecord record, int node) in scene.Records().Select((record, node) => (record, node)))
        {
            List<TraceEntry> entries = [];
            for (int slot = 0; slot < record.Outputs.Length; slot++)
            {
                if (record.Outputs[slot].Resolution == Resolution.Committed)
                {
                    ReadOnlyMemory<byte> told = value == new ValueRef(ValueKind.Node, node, slot) ? bytes : scene.Store.Read(node, slot);
                    store.Write(node, slot, told.Span);
                    Digest root = MerkleTree.TensorRoot(scene.Suite(), told.Span, PlainHasher.Instance);
                    entries.Add(new TraceEntry(slot, new TensorCommitment(record.Outputs[slot].Type, root)));
                }
            }

            trace.Add(new TraceLeaf([.. entries]).ToArray());
        }

        ReceiptFile receipt = Rooted(scene, scene.Receipt with { TraceLeaves = [.. trace] });
        receipt = Rooted(scene, receipt with { OutputLeaves = [.. scene.Statement.Graph.Outputs.Select(output => OutputOf(receipt, output))] });
        Challenge challenge = scene.Challenge with { ReceiptId = receipt.Receipt.Id };
        Scene retold = scene with { Run = scene.Run with { Receipt = receipt }, Store = store, Challenge = challenge };
        return retold with { Proof = Prover.Prove(retold.Held, challenge, PlainHasher.Instance) };
    }

    /// <summary>The same with the bytes of one element only.</summary>
    internal static Scene Retold(Scene scene, ElementRef element, ReadOnlySpan<byte> other)
    {
        byte[] bytes = scene.Store.Read(element.Node, element.Slot).ToArray();
        other.CopyTo(bytes.AsSpan((int)(element.Element * other.Length)));
        return Retold(scene, new ValueRef(ValueKind.Node, element.Node, element.Slot), bytes);
    }

    /// <summary>The element with one bit changed.</summary>
    internal static Scene Flipped(Scene scene, ElementRef element, int bit)
    {
        int size = scene.Statement.Graph.TypeOf(element.Node, element.Slot).DType.Size();
        byte[] bytes = scene.Store.Read(element.Node, element.Slot).Slice((int)element.Element * size, size).ToArray();
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return Retold(scene, element, bytes);
    }

    /// <summary>The run of a prover who runs another graph than the statement's, and answers its challenge with parameters of its choice.</summary>
    internal static Scene Cheated(Scene scene, Graph ran, Graph opened, int samples)
    {
        using ReferenceBackend backend = new();
        MemoryTraceStore store = new();
        CommittedRun run = new Committer(PlainHasher.Instance).Run(scene.Statement, ran, scene.Inputs, backend, store: store);
        Challenge challenge = scene.Challenge with { ReceiptId = run.Receipt.Receipt.Id, Samples = samples };
        Scene cheated = scene with { Graph = scene.Graph with { Graph = opened }, Run = run, Store = store, Challenge = challenge };
        return cheated with { Proof = Prover.Prove(cheated.Held, challenge, PlainHasher.Instance) };
    }

    /// <summary>An honest run of the same graph over other parameters and inputs.</summary>
    internal static Scene Rerun(Scene scene, Graph graph, ImmutableArray<Tensor> inputs) =>
        Scene.Of(scene.Graph with { Graph = graph }, inputs, scene.Statement.Statement);

    /// <summary>A tensor with a NaN in every leaf that is not the canonical one; null where its type has none.</summary>
    internal static Tensor? Poisoned(Tensor tensor)
    {
        if (tensor.Type.DType != DType.F32 || tensor.Type.Elements == 0)
        {
            return null;
        }

        byte[] bytes = tensor.Bytes.ToArray();
        for (int i = 0; i < bytes.Length; i += Limits.LeafBytes)
        {
            BitConverter.GetBytes(0x7FC0_0001).CopyTo(bytes, i);
        }

        return new Tensor(tensor.Type, bytes);
    }

    /// <summary>The graph with its first square parameter transposed; null where it has none.</summary>
    internal static Graph? Transposed(Graph graph)
    {
        int index = graph.Parameters.ToList().FindIndex(parameter =>
            parameter.Value.Type is { DType: DType.F32, Shape.Rank: 2 } type && type.Shape[0] == type.Shape[1] && type.Shape[0] > 1);
        if (index < 0)
        {
            return null;
        }

        Tensor old = graph.Parameters[index].Value;
        int n = (int)old.Type.Shape[0];
        float[] values = old.As<float>().ToArray();
        Tensor other = Tensor.Of<float>(DType.F32, old.Type.Shape, [.. Enumerable.Range(0, n * n).Select(i => values[(i % n * n) + (i / n)])]);
        return graph.WithParameters([.. graph.Parameters.Select((parameter, i) => i == index ? other : parameter.Value)]);
    }

    /// <summary>Output leaf j, read.</summary>
    internal static OutputLeaf Output(Scene scene, int j) =>
        OutputLeaf.TryRead(scene.Receipt.OutputLeaves[j].Span, out OutputLeaf? leaf) ? leaf! : throw new InvalidOperationException();

    /// <summary>Other output leaf j under a root that fits it.</summary>
    internal static SpotFiles Bound(Scene scene, int j, OutputLeaf leaf) => Bound(scene, scene.Receipt.OutputLeaves.SetItem(j, leaf.ToArray()));

    /// <summary>The first trace entry for which there is another, under a root that fits it.</summary>
    internal static SpotFiles? Entry(Scene scene, Func<TraceEntry, TraceEntry?> edit)
    {
        for (int node = 0; node < scene.Records().Length; node++)
        {
            TraceLeaf leaf = Trace(scene, node);
            for (int i = 0; i < leaf.Entries.Length; i++)
            {
                if (edit(leaf.Entries[i]) is TraceEntry other)
                {
                    return Traced(scene, node, new TraceLeaf(leaf.Entries.SetItem(i, other)).ToArray());
                }
            }
        }

        return null;
    }

    /// <summary>An accusation with all that judging it asks for, whether there is something to it or not.</summary>
    internal static FraudProof Accuse(Scene scene, Reason accusation, ElementRef element)
    {
        HeldLeaves leaves = new(scene.Held, PlainHasher.Instance);
        RecordOutput? output = leaves.Record(element.Node)!.Outputs.ElementAtOrDefault(element.Slot);
        if (accusation is Reason.WrongShape or Reason.WrongOutputBinding)
        {
            leaves.OpenTraceLeaf(element.Node);
        }

        if (accusation == Reason.WrongOutputBinding && output is { GraphOutput: >= 0 })
        {
            leaves.OpenOutput(output.GraphOutput);
        }

        bool isThere = output is { Resolution: Resolution.Committed } && element.Element < output.Type.Elements;
        if (isThere && accusation is Reason.WrongElement or Reason.NonCanonicalValue)
        {
            Evaluator evaluator = new(leaves);
            evaluator.Committed(element);
            _ = accusation == Reason.WrongElement ? evaluator.Evaluate(element) : 0;
        }

        return new FraudProof(scene.Statement.Statement, scene.Receipt.Receipt, accusation, element, leaves.Open());
    }

    /// <summary>An accusation as a file.</summary>
    internal static FraudFile Accused(Scene scene, Reason accusation, ElementRef element) => new(Accuse(scene, accusation, element).ToArray());

    /// <summary>An accusation as a file.</summary>
    internal static FraudFile ToFile(this FraudProof proof) => new(proof.ToArray());

    /// <summary>A committed element, drawn; of an output that satisfies a condition. Null where there is none.</summary>
    internal static ElementRef? Element(Scene scene, Adversarial random, Func<RecordOutput, bool>? where = null)
    {
        ElementRef[] firsts = [.. Outputs(scene, output => output.Resolution == Resolution.Committed && output.Type.Elements > 0
            && (where is null || where(output)))];
        if (firsts.Length == 0)
        {
            return null;
        }

        ElementRef first = firsts[random.Below(firsts.Length)];
        return first with { Element = random.Below((int)scene.Statement.Graph.TypeOf(first.Node, first.Slot).Elements) };
    }

    /// <summary>Element 0 of every output that satisfies a condition.</summary>
    internal static IEnumerable<ElementRef> Outputs(Scene scene, Func<RecordOutput, bool> where) => scene.Records().SelectMany((record, node) =>
        record.Outputs.Select((output, slot) => (output, slot)).Where(pair => where(pair.output)).Select(pair => new ElementRef(node, pair.slot, 0)));

    /// <summary>The leaves of a list, as the run has them.</summary>
    internal static IReadOnlyList<ReadOnlyMemory<byte>> Leaves(Scene scene, TreeKind kind) => kind switch
    {
        TreeKind.Parameters => new Committer(PlainHasher.Instance).Leaves(scene.Suite(), scene.Held.Parameters),
        TreeKind.Inputs => new Committer(PlainHasher.Instance).Leaves(scene.Suite(), scene.Inputs),
        TreeKind.Graph => scene.Statement.RecordBytes,
        TreeKind.Trace => scene.Receipt.TraceLeaves,
        _ => scene.Receipt.OutputLeaves,
    };

    /// <summary>The trace leaf of a node.</summary>
    internal static TraceLeaf Trace(Scene scene, int node) => TraceOf(scene.Receipt, node);

    /// <summary>The records.</summary>
    internal static ImmutableArray<GraphRecord> Records(this Scene scene) => scene.Statement.Graph.Records;

    /// <summary>The suite.</summary>
    internal static Suite Suite(this Scene scene) => scene.Statement.Statement.Suite;

    private static TraceLeaf TraceOf(ReceiptFile receipt, int node) =>
        TraceLeaf.TryRead(receipt.TraceLeaves[node].Span, out TraceLeaf? leaf) ? leaf! : throw new InvalidOperationException();

    private static ReadOnlyMemory<byte> OutputOf(ReceiptFile receipt, ValueRef output) =>
        new OutputLeaf(output.Index, output.Slot, TraceOf(receipt, output.Index)[output.Slot]!).ToArray();

    /// <summary>The bytes of a value.</summary>
    internal static ReadOnlyMemory<byte> Bytes(Scene scene, ValueRef value) => value.Kind switch
    {
        ValueKind.Parameter => scene.Held.Parameters[value.Index].Bytes,
        ValueKind.Input => scene.Inputs[value.Index].Bytes,
        _ => scene.Store.Read(value.Index, value.Slot),
    };

    /// <summary>A leaf of a tensor.</summary>
    internal static ReadOnlyMemory<byte> LeafOf(ReadOnlyMemory<byte> bytes, long leaf)
    {
        int start = (int)(leaf * Limits.LeafBytes);
        return bytes.Slice(start, Math.Min(Limits.LeafBytes, bytes.Length - start));
    }
}
