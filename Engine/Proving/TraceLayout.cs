using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Engine.Proving;

/// <summary>What the receipts of one statement have in common: every byte of the trace table but the roots, and where these go.</summary>
internal sealed class TraceLayout
{
    private readonly byte[][] _traceLeaves;
    private readonly byte[][] _outputLeaves;

    // Where each committed output's root ends in its trace leaf, in the order of nodes and slots.
    private readonly (int Node, int End)[] _places;
    private readonly int[] _outputValues;
    private readonly int[][] _values;

    internal TraceLayout(StatementFile statement, Graph graph)
    {
        Statement = statement;
        Graph = graph;
        ImmutableArray<GraphRecord> records = statement.Graph.Records;
        int values = 0;
        _values = [.. records.Select(record => record.Outputs.Select(output => output.Resolution == Resolution.Committed ? values++ : -1).ToArray())];
        _places = new (int, int)[values];
        _traceLeaves = [.. records.Select((record, node) => Leaf(record, node))];
        _outputValues = [.. statement.Graph.Outputs.Select(output => _values[output.Index][output.Slot])];
        _outputLeaves = [.. statement.Graph.Outputs.Select(output => new OutputLeaf(
            output.Index, output.Slot, new TensorCommitment(statement.Graph.TypeOf(output.Index, output.Slot), default)).ToArray())];
    }

    /// <summary>The statement.</summary>
    internal StatementFile Statement { get; }

    /// <summary>A graph that is its graph.</summary>
    internal Graph Graph { get; }

    /// <summary>The number of committed outputs.</summary>
    internal int Count => _places.Length;

    /// <summary>The number of a committed output; −1 where it is not committed.</summary>
    internal int NumberOf(int node, int slot) => _values[node][slot];

    /// <summary>The trace table with these roots.</summary>
    internal (ImmutableArray<ReadOnlyMemory<byte>> Trace, ImmutableArray<ReadOnlyMemory<byte>> Outputs) Table(ReadOnlySpan<Digest> roots)
    {
        // What does not change is shared by all receipts; nobody can write it.
        ReadOnlyMemory<byte>[] trace = new ReadOnlyMemory<byte>[_traceLeaves.Length];
        for (int node = 0, value = 0; node < trace.Length; node++)
        {
            bool isOwn = value < Count && _places[value].Node == node;
            byte[] leaf = isOwn ? [.. _traceLeaves[node]] : _traceLeaves[node];
            for (; value < Count && _places[value].Node == node; value++)
            {
                roots[value].Span.CopyTo(leaf.AsSpan(_places[value].End - Digest.Bytes));
            }

            trace[node] = leaf;
        }

        ReadOnlyMemory<byte>[] outputs = new ReadOnlyMemory<byte>[_outputLeaves.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            byte[] leaf = [.. _outputLeaves[i]];
            roots[_outputValues[i]].Span.CopyTo(leaf.AsSpan(leaf.Length - Digest.Bytes));
            outputs[i] = leaf;
        }

        return ([.. trace], [.. outputs]);
    }

    // A leaf without roots. The root is the last of an entry, so where an entry ends is the length of a leaf that ends with it.
    private byte[] Leaf(GraphRecord record, int node)
    {
        TraceEntry[] entries = [.. record.Outputs
            .Select((output, slot) => (output, slot))
            .Where(pair => pair.output.Resolution == Resolution.Committed)
            .Select(pair => new TraceEntry(pair.slot, new TensorCommitment(pair.output.Type, default)))];
        for (int i = 0; i < entries.Length; i++)
        {
            _places[_values[node][entries[i].Slot]] = (node, new TraceLeaf([.. entries[..(i + 1)]]).ToArray().Length);
        }

        return new TraceLeaf([.. entries]).ToArray();
    }
}
