using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace VerifiableCompute.Engine.Graphs;

/// <summary>A range of a graph's nodes as a graph of its own: it takes committed values of earlier nodes as inputs and gives out what later nodes and the
/// caller want.</summary>
/// <param name="Graph">The graph: its inputs are <paramref name="Inputs"/>, then <paramref name="Taken"/>; its outputs are <paramref name="Given"/>; of the
/// parameters it has those that it reads.</param>
/// <param name="First">The first node of the range.</param>
/// <param name="End">The node behind its last.</param>
/// <param name="Nodes">For each node of the part, which node of the whole graph it is.</param>
/// <param name="Inputs">The graph inputs that it reads, by their numbers in the whole graph.</param>
/// <param name="Taken">The values of earlier nodes that it reads.</param>
/// <param name="Given">Committed values of the range that others read, and graph outputs; where nobody reads any, all committed values of it.</param>
public sealed record GraphPart(
    Graph Graph, int First, int End, ImmutableArray<int> Nodes, ImmutableArray<int> Inputs, ImmutableArray<ValueRef> Taken, ImmutableArray<ValueRef> Given)
{
    /// <summary>The values of the part's graph that the range commits to.</summary>
    public ImmutableHashSet<ValueRef> Committed { get; private init; } = [];

    /// <summary>The part of a range.</summary>
    /// <param name="graph">The whole graph; its outputs are committed values.</param>
    /// <param name="cuts">Its cuts.</param>
    /// <param name="first">The first node of the range.</param>
    /// <param name="end">The node behind its last.</param>
    /// <exception cref="ArgumentException">The graph cannot be cut there.</exception>
    public static GraphPart Of(Graph graph, Cuts cuts, int first, int end)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(cuts);
        if (cuts.Count != graph.Nodes.Length || !cuts.IsRange(first, end))
        {
            throw Error.NoRange(first, end);
        }

        ImmutableArray<int> nodes = cuts.Nodes(first, end);
        ImmutableArray<ValueRef> taken = cuts.Taken(first, end);
        Dictionary<ValueRef, int> numbers = taken.Select((value, number) => (value, number)).ToDictionary(entry => entry.value, entry => entry.number);
        ValueRef[] read = [.. nodes.SelectMany(node => graph.Nodes[node].Inputs)];
        ImmutableArray<int> inputs = Numbers(read, ValueKind.Input);
        ImmutableArray<int> parameters = Numbers(read, ValueKind.Parameter);
        ValueRef Renamed(ValueRef value) => value.Kind switch
        {
            ValueKind.Input => new ValueRef(ValueKind.Input, inputs.BinarySearch(value.Index)),
            ValueKind.Parameter => new ValueRef(ValueKind.Parameter, parameters.BinarySearch(value.Index)),
            _ when numbers.TryGetValue(value, out int number) => new ValueRef(ValueKind.Input, inputs.Length + number),
            _ => value with { Index = nodes.BinarySearch(value.Index) },
        };
        ValueRef[] own = [.. Own(graph, cuts, first, end)];
        HashSet<ValueRef> wanted = [.. cuts.Handed(first, end), .. graph.Outputs.Select(output => output.Value)];
        ImmutableArray<ValueRef> given = [.. own.Where(wanted.Contains)];
        given = given.IsEmpty ? [.. own] : given;
        Graph part = new(
            [.. inputs.Select(input => graph.Inputs[input]), .. taken.Select(value => new GraphInput(Name(value, graph), graph.TypeOf(value)))],
            [.. parameters.Select(parameter => graph.Parameters[parameter])],
            [.. nodes.Select(node => graph.Nodes[node] with { Inputs = [.. graph.Nodes[node].Inputs.Select(Renamed)] })],
            [.. given.Select(value => new GraphOutput(Name(value, graph), Renamed(value)))]);
        return new GraphPart(part, first, end, nodes, inputs, taken, given) { Committed = [.. own.Select(Renamed)] };
    }

    /// <summary>The value of the whole graph that an output of a node of the part is.</summary>
    public ValueRef Whole(ValueRef value) => value with { Index = Nodes[value.Index] };

    // Names are for people; none is an input's of the model.
    private static string Name(ValueRef value, Graph graph)
    {
        string name = $"{value.Index}.{value.Slot}";
        while (graph.Inputs.Any(input => input.Name == name))
        {
            name += '\'';
        }

        return name;
    }

    private static IEnumerable<ValueRef> Own(Graph graph, Cuts cuts, int first, int end) =>
        Enumerable.Range(first, end - first)
            .SelectMany(node => graph.Nodes[node].Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, node, slot)))
            .Where(cuts.Committed.Contains);

    private static ImmutableArray<int> Numbers(ValueRef[] read, ValueKind kind) =>
        [.. read.Where(value => value.Kind == kind).Select(value => value.Index).Distinct().Order()];
}
