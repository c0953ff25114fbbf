using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>Names one element of a committed output.</summary>
/// <param name="Node">The record.</param>
/// <param name="Slot">Which output of it.</param>
/// <param name="Element">Row-major index.</param>
public readonly record struct ElementRef(int Node, int Slot, long Element)
{
    /// <summary>Another one in every process, so that nobody can choose elements that collide.</summary>
    public override int GetHashCode() => (Node, Slot, Element).GetHashCode();

    /// <summary>As written in messages: <c>node 3 output 0 element 122</c>.</summary>
    public override string ToString() => $"node {Node} output {Slot} element {Element}";
}

/// <summary>A graph as data: records from which anyone derives what is committed, and what checking any element may take. Always valid.</summary>
public sealed class CommittedGraph
{
    private readonly ImmutableArray<ImmutableArray<CheckCost>> _costs;

    private CommittedGraph(ImmutableArray<GraphRecord> records, ImmutableArray<ImmutableArray<CheckCost>> costs)
    {
        Records = records;
        _costs = costs;
        Outputs = [.. records
            .SelectMany((record, node) => record.Outputs.Select((output, slot) => (output.GraphOutput, new ValueRef(ValueKind.Node, node, slot))))
            .Where(entry => entry.GraphOutput >= 0)
            .OrderBy(entry => entry.GraphOutput)
            .Select(entry => entry.Item2)];
        Committed = [.. records.SelectMany((record, node) => record.Outputs
            .Select((output, slot) => (output.Resolution, Value: new ValueRef(ValueKind.Node, node, slot)))
            .Where(entry => entry.Resolution == Resolution.Committed)
            .Select(entry => entry.Value))];
        GraphRecord last = records[^1];
        Elements = last.ElementsBefore + ElementsOf(last);
        Work = last.WorkBefore + WorkOf(last, costs[^1]);
    }

    /// <summary>The records; each refers to earlier ones only.</summary>
    public ImmutableArray<GraphRecord> Records { get; }

    /// <summary>The graph outputs, in their order.</summary>
    public ImmutableArray<ValueRef> Outputs { get; }

    /// <summary>The values that a trace commits to.</summary>
    public ImmutableHashSet<ValueRef> Committed { get; }

    /// <summary>Committed elements.</summary>
    public UInt128 Elements { get; }

    /// <summary>Scalar operations that checking every committed element once may take.</summary>
    public UInt128 Work { get; }

    /// <summary>Where it can be cut into ranges that different parties run.</summary>
    public Cuts Cuts() => new(
        [.. Records.Select(record => record.Inputs.Select(input => input.Source).ToImmutableArray())],
        [.. Records.Select(record => record.IsView)],
        [.. Records.Select(record => record.Outputs.Length)],
        Committed);

    /// <summary>What checking one element of an output may take.</summary>
    public CheckCost CostOf(int node, int slot) => _costs[node][slot];

    /// <summary>Type of an output.</summary>
    public TensorType TypeOf(int node, int slot) => Records[node].Outputs[slot].Type;

    /// <summary>The committed element at a position below <see cref="Elements"/>.</summary>
    public ElementRef AtElement(UInt128 position)
    {
        int node = Find(position, record => record.ElementsBefore);
        return Within(node, position - Records[node].ElementsBefore, slot => 1);
    }

    /// <summary>The committed element at a position below <see cref="Work"/>: an element has as many positions as its check may take operations.</summary>
    public ElementRef AtWork(UInt128 position)
    {
        int node = Find(position, record => record.WorkBefore);
        return Within(node, position - Records[node].WorkBefore, slot => (UInt128)_costs[node][slot].Operations);
    }

    /// <summary>Whether its records are those of a graph's nodes; parameters may have any values.</summary>
    public bool IsOf(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Nodes.Length == Records.Length && Records.Zip(graph.Nodes).All(pair => pair.First.IsOf(pair.Second));
    }

    /// <summary>The graph that the records make, with sums filled in from their ops, types and resolutions.</summary>
    /// <param name="records">The records; their sums are not looked at.</param>
    /// <exception cref="ArgumentException">They do not make a valid graph; the message names the first defect.</exception>
    internal static CommittedGraph Sum(IEnumerable<GraphRecord> records)
    {
        UInt128 elements = 0;
        UInt128 work = 0;
        RecordCheck check = new();
        List<GraphRecord> summed = [];
        List<ImmutableArray<CheckCost>> costs = [];
        foreach (GraphRecord record in records)
        {
            ImmutableArray<CheckCost> cost = check.Add(record);
            summed.Add(record with { ElementsBefore = elements, WorkBefore = work });
            costs.Add(cost);
            elements += ElementsOf(record);
            work += WorkOf(record, cost);
        }

        check.Finish();
        return new CommittedGraph([.. summed], [.. costs]);
    }

    /// <summary>The graph that records from outside make, if they make a valid one and their sums are right.</summary>
    /// <param name="records">The records.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="defect">The first defect, otherwise.</param>
    public static bool TryCreate(ImmutableArray<GraphRecord> records, out CommittedGraph? graph, out string defect)
    {
        graph = null;
        defect = string.Empty;
        try
        {
            CommittedGraph summed = Sum(records);
            int wrong = Enumerable.Range(0, records.Length).FirstOrDefault(
                i => records[i].ElementsBefore != summed.Records[i].ElementsBefore || records[i].WorkBefore != summed.Records[i].WorkBefore, -1);
            defect = wrong < 0 ? string.Empty : $"record {wrong}: wrong sums";
            graph = wrong < 0 ? summed : null;
        }
        catch (ArgumentException refusal)
        {
            defect = refusal.Message;
        }

        return graph is not null;
    }

    private static UInt128 ElementsOf(GraphRecord record)
    {
        UInt128 elements = 0;
        foreach (RecordOutput output in record.Outputs.Where(output => output.Resolution == Resolution.Committed))
        {
            elements += (UInt128)output.Type.Elements;
        }

        return elements;
    }

    private static UInt128 WorkOf(GraphRecord record, ImmutableArray<CheckCost> costs)
    {
        UInt128 work = 0;
        for (int slot = 0; slot < record.Outputs.Length; slot++)
        {
            RecordOutput output = record.Outputs[slot];
            work += output.Resolution == Resolution.Committed ? (UInt128)output.Type.Elements * (UInt128)costs[slot].Operations : 0;
        }

        return work;
    }

    // The last record whose sum is not above the position; records without a committed element share the sum of the next.
    private int Find(UInt128 position, Func<GraphRecord, UInt128> before)
    {
        int low = 0;
        int high = Records.Length - 1;
        while (low < high)
        {
            int middle = low + ((high - low + 1) / 2);
            (low, high) = before(Records[middle]) <= position ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private ElementRef Within(int node, UInt128 position, Func<int, UInt128> each)
    {
        for (int slot = 0; slot < Records[node].Outputs.Length; slot++)
        {
            RecordOutput output = Records[node].Outputs[slot];
            if (output.Resolution != Resolution.Committed || output.Type.Elements == 0)
            {
                continue;
            }

            UInt128 size = (UInt128)output.Type.Elements * each(slot);
            if (position < size)
            {
                return new ElementRef(node, slot, (long)(position / each(slot)));
            }

            position -= size;
        }

        throw new ArgumentOutOfRangeException(nameof(position));
    }
}
