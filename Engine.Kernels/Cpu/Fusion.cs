using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

//
//  A stage is a chain or tree of elementwise nodes over one index space, behind the product that feeds it where there is one. It runs where its last
//  node stands, so a node may join only while nobody outside has read what the stage makes.
//

/// <summary>Decides which nodes run together.</summary>
internal sealed class Fusion
{
    private const int MostNodes = 24;
    private const int MostOperands = 16;

    private readonly Graph _graph;
    private readonly IReadOnlySet<ValueRef> _visible;
    private readonly Predicate<int> _constant;
    private readonly HashSet<ValueRef> _outputs;
    private readonly Dictionary<ValueRef, List<int>> _readers = [];
    private readonly BlockOp?[] _ops;
    private readonly Draft?[] _drafts;

    private Fusion(Graph graph, IReadOnlySet<ValueRef> visible, Predicate<int> constant, Func<int, BlockOp?> block)
    {
        _constant = constant;
        _graph = graph;
        _visible = visible;
        _outputs = [.. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        _drafts = new Draft?[graph.Nodes.Length];
        _ops = new BlockOp?[graph.Nodes.Length];
        for (int node = 0; node < graph.Nodes.Length; node++)
        {
            if (graph.Nodes[node].Op is View || constant(node))
            {
                continue;
            }

            foreach (ValueRef source in graph.Nodes[node].Inputs.Select(input => graph.Resolve(input).Source).Distinct())
            {
                (_readers.TryGetValue(source, out List<int>? readers) ? readers : _readers[source] = []).Add(node);
            }

            _ops[node] = graph.Nodes[node].Outputs[0].Elements > 0 ? block(node) : null;
        }
    }

    /// <summary>The stages of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="visible">Values that must be stored.</param>
    /// <param name="constant">Whether a node is not to run.</param>
    /// <param name="block">The block form of a node, or null.</param>
    internal static ImmutableArray<FusedStage> Of(
        Graph graph, IReadOnlySet<ValueRef> visible, Predicate<int> constant, Func<int, BlockOp?> block)
        => new Fusion(graph, visible, constant, block).Stages();

    private ImmutableArray<FusedStage> Stages()
    {
        for (int node = 0; node < _graph.Nodes.Length; node++)
        {
            if (_graph.Nodes[node].Op is not View)
            {
                Place(node);
            }
        }

        for (int node = 0; node < _graph.Nodes.Length; node++)
        {
            Attend(node);
        }

        return [.. _drafts.Where((draft, node) => draft is not null && draft.Nodes[^1] == node).Select(draft => Finish(draft!))];
    }

    // Joins the drafts that feed the node as far as they allow it, or begins one.
    private void Place(int node)
    {
        Draft draft = new([node], _ops[node] is null ? node : -1);
        if (_ops[node] is not null)
        {
            foreach (Draft feeder in Feeders(node))
            {
                draft = Joined(feeder, draft) ?? draft;
            }
        }

        foreach (int member in draft.Nodes)
        {
            _drafts[member] = draft;
        }
    }

    // Drafts that make an operand of the node over the same elements, the latest first.
    private IEnumerable<Draft> Feeders(int node) => _graph.Nodes[node].Inputs
        .Where(input => Aligned(input, _graph.Nodes[node].Outputs[0].Elements))
        .Select(input => _graph.Resolve(input).Source)
        .Where(source => source.Kind == ValueKind.Node && source.Slot == 0)
        .Select(source => _drafts[source.Index]!)
        .Where(draft => draft.Main < 0 || (IsProduct(draft.Main) && !_constant(draft.Main)))
        .Distinct()
        .OrderByDescending(draft => draft.Nodes[^1]);

    private bool Aligned(ValueRef value, long elements) => Scored.IsWhole(_graph, value, elements);

    private bool IsProduct(int node) => _graph.Nodes[node].Op is Dot or Conv or DotInteger or QLinearDot or ConvInteger or QLinearConv;

    private Draft? Joined(Draft first, Draft second)
    {
        if (first.Main >= 0 && second.Main >= 0)
        {
            return null;
        }

        int[] nodes = [.. first.Nodes.Concat(second.Nodes).Order()];
        int last = nodes[^1];
        if (nodes.Length > MostNodes || Operands(nodes) > MostOperands)
        {
            return null;
        }

        int main = Math.Max(first.Main, second.Main);
        bool visible = false;
        for (int i = 0; i < nodes.Length; i++)
        {
            for (int slot = 0; slot < _graph.Nodes[nodes[i]].Outputs.Length; slot++)
            {
                ValueRef value = new(ValueKind.Node, nodes[i], slot);
                visible |= _visible.Contains(value);
                if (_readers.TryGetValue(value, out List<int>? readers) && readers.Exists(reader => reader < last && !nodes.Contains(reader)))
                {
                    return null;
                }
            }

            // What a member makes, others read at the places that they write; the product reads none of it.
            bool within = _graph.Nodes[nodes[i]].Inputs.Any(input =>
                _graph.Resolve(input).Source is { Kind: ValueKind.Node } source && nodes.Contains(source.Index)
                && (nodes[i] == main || source.Slot != 0 || !Aligned(input, _graph.Nodes[nodes[i]].Outputs[0].Elements)));
            if (within)
            {
                return null;
            }

            // Visible values are shown in the order of their nodes.
            IEnumerable<int> between = i + 1 < nodes.Length ? Enumerable.Range(nodes[i] + 1, nodes[i + 1] - nodes[i] - 1) : [];
            if (visible && between.Any(other => _graph.Nodes[other].Op is not View))
            {
                return null;
            }
        }

        return new Draft(nodes, main);
    }

    // Scores, what is done to them one by one, softmax, and the product with the values become one stage if nobody else sees the scores.
    private void Attend(int softmax)
    {
        if (Scored.Around(_graph, softmax, ProductOf, ReadersOf, value => _visible.Contains(value) || _outputs.Contains(value)) is not { } found)
        {
            return;
        }

        Draft whole = new([.. found.First.Nodes.Concat(found.Last).Order()], found.Second, found.First);
        foreach (int node in whole.Nodes)
        {
            _drafts[node] = whole;
        }
    }

    // What a node runs with, where a product that runs now feeds it.
    private (int Main, ImmutableArray<int> Nodes)? ProductOf(int node)
        => _drafts[node] is { Main: >= 0, Scores: null } draft && _graph.Nodes[draft.Main].Op is Dot && !_constant(draft.Main)
            && !(_graph.Resolve(_graph.Nodes[draft.Main].Inputs[1]).Source is { Kind: ValueKind.Node } weights && _constant(weights.Index))
            ? (draft.Main, [.. draft.Nodes])
            : null;

    private IEnumerable<int> ReadersOf(ValueRef value) => _readers.GetValueOrDefault(value) ?? Enumerable.Empty<int>();

    private int Operands(int[] nodes) => nodes.Where(node => _ops[node] is not null).SelectMany(node => _graph.Nodes[node].Inputs).Distinct().Count();

    private FusedStage Finish(Draft draft)
    {
        if (_constant(draft.Nodes[0]))
        {
            IEnumerable<ValueRef> made = _graph.Nodes[draft.Nodes[0]].Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, draft.Nodes[0], slot));
            return new FusedStage(new Stage([.. draft.Nodes], [.. made], []), draft.Main, []);
        }

        HashSet<ValueRef> hidden = [];
        HashSet<int> scored = draft.Scores is { } scores ? [scores.Dot, .. scores.Between, scores.Softmax] : [];
        hidden.UnionWith(scored.SelectMany(node => _graph.Nodes[node].Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, node, slot))));
        int last = draft.Nodes[^1];
        foreach (int node in draft.Nodes)
        {
            ValueRef value = new(ValueKind.Node, node);
            bool inside = !_visible.Contains(value) && !_outputs.Contains(value)
                && _readers.TryGetValue(value, out List<int>? readers) && readers.TrueForAll(reader => draft.Nodes.Contains(reader));
            if (inside && node != draft.Main)
            {
                hidden.Add(value);
            }
            else if (inside && !scored.Contains(node) && _graph.Nodes[node].Outputs[0].DType.Size() == _graph.Nodes[last].Outputs[0].DType.Size())
            {
                // The product's totals lie where the last op of the chain writes, which reads each before it does.
                hidden.Add(value);
            }
        }

        // One for each node that reads it and each way in which it does.
        ValueRef[] sources =
            [.. draft.Nodes.SelectMany(node => _graph.Nodes[node].Inputs.Distinct()).Select(input => _graph.Resolve(input).Source)];
        List<(ValueRef, ValueRef)> over = [];
        bool own = draft.Main < 0 || !hidden.Contains(new ValueRef(ValueKind.Node, draft.Main));
        foreach (ValueRef input in _ops[last] is null || !own ? [] : _graph.Nodes[last].Inputs.Distinct())
        {
            // Read once in the stage, by the last op, at the places that it writes.
            ValueRef source = _graph.Resolve(input).Source;
            TensorType type = _graph.Nodes[last].Outputs[0];
            if (source.Kind == ValueKind.Node && Aligned(input, type.Elements) && _graph.TypeOf(source).DType.Size() == type.DType.Size()
                && sources.Count(other => other == source) == 1 && !draft.Nodes.Contains(source.Index))
            {
                over.Add((new ValueRef(ValueKind.Node, last), source));
            }
        }

        int[] elementwise = [.. draft.Nodes.Where(node => node != draft.Main && !scored.Contains(node))];
        return new FusedStage(new Stage([.. draft.Nodes], [.. hidden], [.. over]), draft.Main, [.. elementwise], draft.Scores);
    }

    private sealed record Draft(int[] Nodes, int Main, Scored? Scores = null);
}

/// <summary>A stage as it will run.</summary>
/// <param name="Stage">Its nodes, and what is stored.</param>
/// <param name="Main">The node that runs by its kernel, the others on each part of its output; −1 where there is none.</param>
/// <param name="Elementwise">The other nodes, but those of <paramref name="Scores"/>.</param>
/// <param name="Scores">What the rows of A are made by, where the main node is the second product of an attention.</param>
internal sealed record FusedStage(Stage Stage, int Main, ImmutableArray<int> Elementwise, Scored? Scores = null);
