using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>A receipt as it is delivered: with the trace table, which is every leaf under its two roots.</summary>
/// <param name="Receipt">The receipt.</param>
/// <param name="TraceLeaves">Bytes of the trace leaves, one a record.</param>
/// <param name="OutputLeaves">Bytes of the output leaves, one a graph output.</param>
public sealed record ReceiptFile(Receipt Receipt, ImmutableArray<ReadOnlyMemory<byte>> TraceLeaves, ImmutableArray<ReadOnlyMemory<byte>> OutputLeaves)
{
    /// <summary>Whether the receipt is for a statement and the leaves, as many as the statement's graph has records and outputs, are those under its
    /// roots; otherwise nothing was delivered.</summary>
    public bool IsDelivered(StatementFile statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        Suite suite = statement.Statement.Suite;
        return Receipt.StatementId == statement.Statement.Id
            && TraceLeaves.Length == statement.Graph.Records.Length
            && OutputLeaves.Length == statement.Graph.Outputs.Length
            && MerkleTree.RootOf(suite, TreeKind.Trace, TraceLeaves, PlainHasher.Instance) == Receipt.TraceRoot
            && MerkleTree.RootOf(suite, TreeKind.Outputs, OutputLeaves, PlainHasher.Instance) == Receipt.OutputsRoot;
    }

    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.Receipt);
        Receipt.Write(writer);
        Write(writer, TraceLeaves);
        Write(writer, OutputLeaves);
        return writer.ToArray();
    }

    /// <summary>Reads a file; whether it is delivered is another question.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ReceiptFile? file, out string why)
    {
        CanonicalReader reader = new(bytes);
        FileHeader.Read(ref reader, FileKind.Receipt);
        Receipt receipt = Receipt.Read(ref reader);
        ImmutableArray<ReadOnlyMemory<byte>> trace = Leaves(ref reader, Limits.Nodes);
        ImmutableArray<ReadOnlyMemory<byte>> outputs = Leaves(ref reader, Limits.Values);
        reader.End();
        why = reader.Why;
        file = reader.Failed ? null : new ReceiptFile(receipt, trace, outputs);
        return file is not null;
    }

    /// <summary>Writes leaves with their number.</summary>
    internal static void Write(CanonicalWriter writer, ImmutableArray<ReadOnlyMemory<byte>> leaves)
    {
        writer.U32(leaves.Length);
        foreach (ReadOnlyMemory<byte> leaf in leaves)
        {
            writer.Bytes(leaf.Span);
        }
    }

    /// <summary>Reads what <see cref="Write"/> writes.</summary>
    internal static ImmutableArray<ReadOnlyMemory<byte>> Leaves(ref CanonicalReader reader, int limit)
    {
        ReadOnlyMemory<byte>[] leaves = new ReadOnlyMemory<byte>[reader.Count(reader.U32(), limit, sizeof(uint))];
        for (int i = 0; i < leaves.Length; i++)
        {
            leaves[i] = reader.Bytes(Limits.ListLeafBytes).ToArray();
        }

        return [.. leaves];
    }
}
