using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>A statement and its graph's records, checked against each other: a graph that may be run, and judged, under commitment.</summary>
public sealed class StatementFile
{
    private readonly ImmutableArray<byte[]> _records;

    private StatementFile(Statement statement, CommittedGraph graph, ImmutableArray<byte[]> records)
    {
        Statement = statement;
        Graph = graph;
        _records = records;
    }

    /// <summary>The statement.</summary>
    public Statement Statement { get; }

    /// <summary>Its graph.</summary>
    public CommittedGraph Graph { get; }

    /// <summary>The leaves of the graph tree.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> RecordBytes => [.. _records.Select(record => (ReadOnlyMemory<byte>)record)];

    /// <summary>The file of a graph under a statement; the statement's graph root is set here.</summary>
    /// <exception cref="ArgumentException">The statement says what no reader accepts: a name, a number or a contract beyond its limits.</exception>
    public static StatementFile Make(CommittedGraph graph, Statement statement)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(statement);
        byte[][] records = [.. graph.Records.Select((record, index) => RecordCodec.Write(index, record))];
        Statement made = statement with { GraphRoot = Root(statement.Suite, records) };
        CanonicalReader reader = new(made.ToArray());
        Statement.Read(ref reader);
        reader.End();
        return reader.Failed ? throw Error.Unreadable(reader.Why) : new StatementFile(made, graph, [.. records]);
    }

    /// <summary>Reads a file and validates the statement: records in canonical form, a valid graph with bounded checks, under the graph root.
    /// Total: every input is accepted or refused with a reason.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out StatementFile? file, out string why)
    {
        file = null;
        CanonicalReader reader = new(bytes);
        FileHeader.Read(ref reader, FileKind.Statement);
        Statement statement = Statement.Read(ref reader);
        byte[][] records = new byte[reader.Count(reader.U32(), Limits.Nodes, sizeof(uint))][];
        for (int i = 0; i < records.Length; i++)
        {
            records[i] = reader.Bytes(Limits.ListLeafBytes).ToArray();
        }

        reader.End();
        why = reader.Why;
        if (reader.Failed || records.Length == 0)
        {
            why = reader.Failed ? why : "no records";
            return false;
        }

        if (Root(statement.Suite, records) != statement.GraphRoot)
        {
            why = "the records are not those of the graph root";
            return false;
        }

        GraphRecord[] graph = new GraphRecord[records.Length];
        for (int i = 0; i < records.Length; i++)
        {
            if (!RecordCodec.TryRead(i, records[i], out GraphRecord? record, out why))
            {
                why = $"record {i}: {why}";
                return false;
            }

            graph[i] = record!;
        }

        if (!CommittedGraph.TryCreate([.. graph], out CommittedGraph? committed, out why))
        {
            return false;
        }

        file = new StatementFile(statement, committed!, [.. records]);
        return true;
    }

    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.Statement);
        Statement.Write(writer);
        writer.U32(_records.Length);
        foreach (byte[] record in _records)
        {
            writer.Bytes(record);
        }

        return writer.ToArray();
    }

    private static Digest Root(Suite suite, byte[][] records) =>
        MerkleTree.RootOf(suite, TreeKind.Graph, [.. records.Select(record => (ReadOnlyMemory<byte>)record)], PlainHasher.Instance);
}
