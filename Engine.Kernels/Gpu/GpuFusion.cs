using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Gpu.Elementwise;
using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Kernels.Gpu;

//
//  As Cpu/Fusion: a stage runs where its last node stands, so a node may join only while nobody outside has read what the stage makes. What differs is
//  what a chain can do: each node works on what the one before gave, on the value that was kept last, and on operands from outside.
//

/// <summary>Decides which nodes run together on a device.</summary>
internal sealed class GpuFusion
{
    private readonly Graph _graph;
    private readonly IReadOnlySet<ValueRef> _visible;
    private readonly HashSet<ValueRef> _seen;
    private readonly ILookup<ValueRef, int> _readers;
    private readonly Step?[] _steps;
    private readonly Predicate<int> _mayBeFollowed;
    private readonly GpuDraft?[] _drafts;
    private readonly Predicate<int> _isPlaced;

    private GpuFusion(
        Graph graph,
        IReadOnlySet<ValueRef> visible,
        HashSet<ValueRef> seen,
        ILookup<ValueRef, int> readers,
        Step?[] steps,
        Predicate<int> mayBeFollowed,
        Predicate<int> isPlaced)
    {
        _isPlaced = isPlaced;
        _graph = graph;
        _visible = visible;
        _steps = steps;
        _mayBeFollowed = mayBeFollowed;
        _seen = seen;
        _readers = readers;
        _drafts = new GpuDraft?[graph.Nodes.Length];
    }

    /// <summary>The nodes of each stage, in the order in which the stages run.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="visible">Values that must be stored.</param>
    /// <param name="seen">These, and the outputs of the graph.</param>
    /// <param name="readers">The nodes that read a value.</param>
    /// <param name="steps">Of each node the step that it is of a chain, or null.</param>
    /// <param name="mayBeFollowed">Whether a node that is none has a kernel that runs a chain on what it makes.</param>
    /// <param name="isPlaced">Whether a node is of a stage already.</param>
    internal static IEnumerable<GpuDraft> Of(
        Graph graph,
        IReadOnlySet<ValueRef> visible,
        HashSet<ValueRef> seen,
        ILookup<ValueRef, int> readers,
        Step?[] steps,
        Predicate<int> mayBeFollowed,
        Predicate<int> isPlaced)
        => new GpuFusion(graph, visible, seen, readers, steps, mayBeFollowed, isPlaced).Drafts();

    private IEnumerable<GpuDraft> Drafts()
    {
        for (int node = 0; node < _graph.Nodes.Length; node++)
        {
            if (_graph.Nodes[node].Op is not View && !_isPlaced(node))
            {
                GpuDraft draft = Feeders(node).Select(feeder => Joined(feeder, node)).FirstOrDefault(joined => joined is not null)
                    ?? new GpuDraft([node], [], []);
                foreach (int member in draft.Nodes)
                {
                    _drafts[member] = draft;
                }
            }
        }

        return _drafts.Where((draft, node) => draft is not null && draft.Nodes[^1] == node).Select(draft => draft! with { Stored = [.. StoredOf(draft)] });
    }

    // Drafts whose last node makes an operand of the node, the latest first.
    private IEnumerable<GpuDraft> Feeders(int node) => _steps[node] is null
        ? []
        : _graph.Nodes[node].Inputs
            .Select(input => _graph.Resolve(input).Source)
            .Where(source => source.Kind == ValueKind.Node)
            .Select(source => source.Index)
            .Where(source => _drafts[source] is { } draft && draft.Nodes[^1] == source)
            .Distinct()
            .OrderDescending()
            .Select(source => _drafts[source]!)
            .Where(draft => _steps[draft.Nodes[0]] is not null || (_mayBeFollowed(draft.Nodes[0]) && _steps[node]!.Value.MayFollow));

    private GpuDraft? Joined(GpuDraft draft, int node)
    {
        GpuDraft joined = new([.. draft.Nodes, node], draft.Kept, []);
        foreach (ValueRef input in _graph.Nodes[node].Inputs)
        {
            if (joined.Contains(_graph.Resolve(input).Source) && !Scored.IsWhole(_graph, input, _graph.Nodes[node].Outputs[0].Elements))
            {
                return null;
            }
        }

        IEnumerable<int> kept = InnerOf(node, joined).Where(source => source != draft.Nodes[^1]);
        joined = joined with { Kept = joined.Kept.Union(kept) };
        bool fits = joined.Nodes.Length <= Chain.MostSteps && Operands(joined) <= Chain.MostOperands && StoredOf(joined).Count() <= Chain.MostOutputs;
        return fits && IsKept(joined) && IsInOrder(joined) ? joined : null;
    }

    // Members whose outputs a member reads.
    private IEnumerable<int> InnerOf(int node, GpuDraft draft)
        => _graph.Nodes[node].Inputs.Select(input => _graph.Resolve(input).Source).Where(draft.Contains).Select(source => source.Index);

    // Each member reads what the one before it made, and what was kept last.
    private bool IsKept(GpuDraft draft)
    {
        int kept = -1;
        for (int i = 1; i < draft.Nodes.Length; i++)
        {
            int before = draft.Nodes[i - 1];
            kept = draft.Kept.Contains(before) ? before : kept;
            if (InnerOf(draft.Nodes[i], draft).Any(source => source != before && source != kept))
            {
                return false;
            }
        }

        return true;
    }

    private int Operands(GpuDraft draft) => draft.Nodes.Where(node => _steps[node] is not null).SelectMany(node => _graph.Nodes[node].Inputs)
        .Count(input => !draft.Contains(_graph.Resolve(input).Source));

    // Nobody outside reads what a member makes before the last one has run; and visible values are shown in the order of their nodes.
    private bool IsInOrder(GpuDraft draft)
    {
        bool visible = false;
        for (int i = 0; i + 1 < draft.Nodes.Length; i++)
        {
            foreach (ValueRef value in ValuesOf(draft.Nodes[i]))
            {
                visible |= _visible.Contains(value);
                if (_readers[value].Any(reader => reader < draft.Nodes[^1] && !draft.Nodes.Contains(reader)))
                {
                    return false;
                }
            }

            for (int between = draft.Nodes[i] + 1; visible && between < draft.Nodes[i + 1]; between++)
            {
                if (_graph.Nodes[between].Op is not View)
                {
                    return false;
                }
            }
        }

        return true;
    }

    // What the last node makes, and what else is seen or read outside; each is an output of the stage.
    private IEnumerable<ValueRef> StoredOf(GpuDraft draft) => draft.Nodes.SelectMany(ValuesOf).Where(value => value.Index == draft.Nodes[^1]
        || _seen.Contains(value) || _readers[value].Any(reader => !draft.Nodes.Contains(reader)));

    private IEnumerable<ValueRef> ValuesOf(int node) => _graph.Nodes[node].Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, node, slot));
}

/// <summary>Nodes that are to run together.</summary>
/// <param name="Nodes">Their indices, ascending.</param>
/// <param name="Kept">Those whose outputs are kept for nodes that do not follow them at once.</param>
/// <param name="Stored">Which of their outputs are stored.</param>
internal sealed record GpuDraft(ImmutableArray<int> Nodes, ImmutableHashSet<int> Kept, ImmutableArray<ValueRef> Stored)
{
    /// <summary>Whether a member makes a value.</summary>
    internal bool Contains(ValueRef value) => value.Kind == ValueKind.Node && Nodes.Contains(value.Index);

    /// <summary>What a chain calls a value that a member reads, or null where it is an operand from outside.</summary>
    internal int? SourceOf(ValueRef value, int reader)
        => !Contains(value) ? null : Nodes[Nodes.IndexOf(reader) - 1] == value.Index ? Chain.Last : Chain.Kept;

    /// <summary>The number of a member's output among those that are stored, from 1; 0 where it is not.</summary>
    internal int NumberOf(int node) => Stored.IndexOf(new ValueRef(ValueKind.Node, node)) + 1;
}
