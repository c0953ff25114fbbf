using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>A stage receipt as it is delivered: with every leaf under its two roots.</summary>
/// <param name="Receipt">The receipt.</param>
/// <param name="TraceLeaves">Bytes of the trace leaves of the range, one a record.</param>
/// <param name="TakenLeaves">Bytes of an output leaf for each value of an earlier record that the range is computed from, in their order.</param>
public sealed record StageFile(StageReceipt Receipt, ImmutableArray<ReadOnlyMemory<byte>> TraceLeaves, ImmutableArray<ReadOnlyMemory<byte>> TakenLeaves)
{
    /// <summary>Whether the receipt is for a statement, its range lies in the graph, and the leaves are those under its roots.</summary>
    public bool IsDelivered(StatementFile statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        Suite suite = statement.Statement.Suite;
        return Receipt.StatementId == statement.Statement.Id
            && Receipt.End <= statement.Graph.Records.Length
            && TraceLeaves.Length == Receipt.End - Receipt.First
            && MerkleTree.RootOf(suite, TreeKind.Trace, TraceLeaves, PlainHasher.Instance) == Receipt.TraceRoot
            && MerkleTree.RootOf(suite, TreeKind.Outputs, TakenLeaves, PlainHasher.Instance) == Receipt.TakenRoot;
    }

    /// <summary>What the stage commits an output of a record of its range to; null where its leaf does not say.</summary>
    public TensorCommitment? CommitmentTo(int node, int slot) =>
        node >= Receipt.First && node - Receipt.First < TraceLeaves.Length && TraceLeaf.TryRead(TraceLeaves[node - Receipt.First].Span, out TraceLeaf? leaf)
            ? leaf![slot]
            : null;

    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.Stage);
        Receipt.Write(writer);
        ReceiptFile.Write(writer, TraceLeaves);
        ReceiptFile.Write(writer, TakenLeaves);
        return writer.ToArray();
    }

    /// <summary>Reads a file; whether it is delivered is another question.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out StageFile? file, out string why)
    {
        CanonicalReader reader = new(bytes);
        FileHeader.Read(ref reader, FileKind.Stage);
        StageReceipt receipt = StageReceipt.Read(ref reader);
        ImmutableArray<ReadOnlyMemory<byte>> trace = ReceiptFile.Leaves(ref reader, Limits.Nodes);
        ImmutableArray<ReadOnlyMemory<byte>> taken = ReceiptFile.Leaves(ref reader, Limits.Values);
        reader.End();
        why = reader.Why;
        file = reader.Failed ? null : new StageFile(receipt, trace, taken);
        return file is not null;
    }
}
