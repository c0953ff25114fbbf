using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>One committed output of a node.</summary>
public sealed record TraceEntry(int Slot, TensorCommitment Tensor);

/// <summary>Leaf i of the trace tree: the committed outputs of record i, in the order of their slots; a count of 0 marks a record without one.</summary>
public sealed record TraceLeaf(ImmutableArray<TraceEntry> Entries)
{
    /// <summary>The leaf's bytes.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        writer.U16(Entries.Length);
        foreach (TraceEntry entry in Entries)
        {
            writer.U16(entry.Slot);
            entry.Tensor.Write(writer);
        }

        return writer.ToArray();
    }

    /// <summary>Reads a leaf; whether it is what its record asks for is another question (<see cref="Fits"/>).</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out TraceLeaf? leaf)
    {
        CanonicalReader reader = new(bytes);
        TraceEntry[] entries = new TraceEntry[reader.Count(reader.U16(), Limits.RecordValues, 37)];
        for (int i = 0; i < entries.Length && !reader.Failed; i++)
        {
            int slot = reader.U16();
            reader.Require(i == 0 || slot > entries[i - 1].Slot, "slots do not ascend");
            entries[i] = new TraceEntry(slot, TensorCommitment.Read(ref reader));
        }

        reader.End();
        leaf = reader.Failed ? null : new TraceLeaf([.. entries]);
        return leaf is not null;
    }

    /// <summary>Whether the leaf has exactly the committed outputs of its record, with their types; one without elements has the root that every
    /// tensor without elements has, since no element could show another to be wrong.</summary>
    public bool Fits(GraphRecord record, Suite suite)
    {
        ArgumentNullException.ThrowIfNull(record);
        Digest empty = MerkleTree.Bind(suite, TreeKind.Tensor, 0, default);
        return Entries.All(entry => entry.Tensor.Type.Elements > 0 || entry.Tensor.Root == empty)
            && Entries.Select(entry => (entry.Slot, entry.Tensor.Type)).SequenceEqual(record.Outputs
            .Select((output, slot) => (output, slot))
            .Where(pair => pair.output.Resolution == Resolution.Committed)
            .Select(pair => (pair.slot, pair.output.Type)));
    }

    /// <summary>The commitment to an output.</summary>
    public TensorCommitment? this[int slot] => Entries.FirstOrDefault(entry => entry.Slot == slot)?.Tensor;
}
