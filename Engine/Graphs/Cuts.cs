using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace VerifiableCompute.Engine.Graphs;

/// <summary>Where a graph may be cut into contiguous ranges of its nodes, so that another party can run each, and what the ranges need of each other.
/// Only committed values cross a cut: whoever reads a value that is not committed, behind the cut, computes it again from committed ones, as a check
/// of an element does. So what a range commits to follows from values that others committed to, by the same evaluations that check it.</summary>
public sealed class Cuts
{
    private readonly ImmutableArray<ImmutableArray<ValueRef>> _sources;
    private readonly bool[] _isRoot;

    // The committed values in their order, and of each the last node with a committed output that needs it; −1: none.
    private readonly ImmutableArray<(ValueRef Value, int Last)> _committed;
    private readonly Dictionary<ValueRef, int> _last;

    /// <summary>The cuts of a graph given by what its nodes read.</summary>
    /// <param name="inputs">For each node, the values that it reads, all earlier.</param>
    /// <param name="isView">For each node, whether it is a view.</param>
    /// <param name="outputs">For each node, the number of its outputs.</param>
    /// <param name="committed">Values that may cross a cut: outputs of nodes that are not views.</param>
    /// <exception cref="ArgumentException">Nothing is committed of the last node.</exception>
    public Cuts(
        ImmutableArray<ImmutableArray<ValueRef>> inputs, ImmutableArray<bool> isView, ImmutableArray<int> outputs, IReadOnlySet<ValueRef> committed)
    {
        Committed = committed;
        Count = inputs.Length;
        bool IsCommitted(int node, int slot) => committed.Contains(new ValueRef(ValueKind.Node, node, slot));
        bool[] isRoot = _isRoot = [.. outputs.Select((count, node) => Enumerable.Range(0, count).Any(slot => IsCommitted(node, slot)))];
        if (Count == 0 || !isRoot[^1])
        {
            throw Error.NothingCommitted();
        }

        Readers = [.. inputs.Select(node => node
            .Where(value => value.Kind == ValueKind.Node && isView[value.Index]).Select(value => value.Index).Distinct().ToImmutableArray())];
        _sources = [.. inputs.Select(node => node
            .Select(value => value.Kind == ValueKind.Node && isView[value.Index] ? inputs[value.Index][0] : value).Distinct().ToImmutableArray())];
        int[][] last = [.. outputs.Select(count => Enumerable.Repeat(-1, count).ToArray())];
        int[] forbidden = new int[Count + 1];
        for (int node = Count - 1; node >= 0; node--)
        {
            int reach = isRoot[node] ? node : -1;
            int open = Enumerable.Range(0, outputs[node]).Where(slot => !IsCommitted(node, slot)).Select(slot => last[node][slot]).DefaultIfEmpty(-1).Max();
            reach = int.Max(reach, open);
            if (isRoot[node] && open > node)
            {
                // It would be computed again behind the cut, with outputs that are committed before it.
                forbidden[node + 1]++;
                forbidden[open + 1]--;
            }

            foreach (ValueRef source in isView[node] ? [] : _sources[node])
            {
                if (source.Kind == ValueKind.Node)
                {
                    last[source.Index][source.Slot] = int.Max(last[source.Index][source.Slot], reach);
                }
            }
        }

        _committed = [.. committed.OrderBy(value => value.Index).ThenBy(value => value.Slot).Select(value => (value, last[value.Index][value.Slot]))];
        _last = _committed.ToDictionary(entry => entry.Value, entry => entry.Last);

        List<int> positions = [];
        int barred = 0;
        for (int position = 1; position <= Count; position++)
        {
            barred += forbidden[position];
            if (isRoot[position - 1] && barred == 0)
            {
                positions.Add(position);
            }
        }

        Positions = [.. positions];
    }

    /// <summary>Number of nodes.</summary>
    public int Count { get; }

    /// <summary>What may cross a cut.</summary>
    public IReadOnlySet<ValueRef> Committed { get; }

    /// <summary>Where a range may end: the number of nodes before the cut, ascending; the last is the number of all nodes. A range begins at 0 or where
    /// another ends.</summary>
    public ImmutableArray<int> Positions { get; }

    // For each node the views that it reads through.
    private ImmutableArray<ImmutableArray<int>> Readers { get; }

    /// <summary>The cuts of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="committed">Values that may cross a cut.</param>
    /// <exception cref="ArgumentException">Nothing is committed of the last node.</exception>
    public static Cuts Of(Graph graph, IReadOnlySet<ValueRef> committed)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new Cuts(
            [.. graph.Nodes.Select(node => node.Inputs)],
            [.. graph.Nodes.Select(node => node.Op is Ops.View)],
            [.. graph.Nodes.Select(node => node.Outputs.Length)],
            committed);
    }

    /// <summary>Whether nodes <paramref name="first"/> to <paramref name="end"/> − 1 are a range that another party can run.</summary>
    public bool IsRange(int first, int end) => first < end && (first == 0 || Positions.BinarySearch(first) >= 0) && Positions.BinarySearch(end) >= 0;

    /// <summary>The committed values of nodes before a position that something behind it needs, in their order.</summary>
    public ImmutableArray<ValueRef> Crossing(int position) => Crossing(0, position);

    /// <summary>The committed values of earlier nodes from which a range is computed, in their order.</summary>
    public ImmutableArray<ValueRef> Taken(int first, int end) =>
    [
        .. Nodes(first, end).SelectMany(node => _sources[node])
            .Where(source => source.Kind == ValueKind.Node && source.Index < first && Committed.Contains(source))
            .Distinct().OrderBy(source => source.Index).ThenBy(source => source.Slot),
    ];

    /// <summary>The committed values of a range that something behind it needs, in their order.</summary>
    public ImmutableArray<ValueRef> Handed(int first, int end) => Crossing(first, end);

    /// <summary>The nodes that are computed for a range, ascending: its own as far as committed values of it need them, and earlier ones whose values are
    /// not committed.</summary>
    public ImmutableArray<int> Nodes(int first, int end)
    {
        HashSet<int> needed = [];
        Stack<int> open = [];
        for (int node = first; node < end; node++)
        {
            Need(node, needed.Add, open);
        }

        return [.. needed.Order()];
    }

    /// <summary>Marks, of a node with a committed output, itself and the nodes under it whose values are not committed, with the views between; of another,
    /// none. Nothing is looked for under a node that is marked.</summary>
    /// <param name="node">The node.</param>
    /// <param name="mark">Marks a node, and says whether it was not marked before: for this method alone, so that with a node everything under it is.</param>
    /// <param name="open">An empty stack, which is empty again afterwards.</param>
    internal void Need(int node, Func<int, bool> mark, Stack<int> open)
    {
        if (_isRoot[node] && mark(node))
        {
            open.Push(node);
        }

        while (open.TryPop(out int next))
        {
            foreach (int view in Readers[next])
            {
                mark(view);
            }

            foreach (ValueRef source in _sources[next])
            {
                if (source.Kind == ValueKind.Node && !Committed.Contains(source) && mark(source.Index))
                {
                    open.Push(source.Index);
                }
            }
        }
    }

    /// <summary>The last node with a committed output that a committed value is needed for; −1: none.</summary>
    internal int LastNeed(ValueRef value) => _last[value];

    /// <summary>The values that hold what a node reads, each once.</summary>
    internal ImmutableArray<ValueRef> Sources(int node) => _sources[node];

    // The committed values of nodes from one on that something behind a position needs.
    private ImmutableArray<ValueRef> Crossing(int first, int position)
    {
        int low = 0;
        for (int high = _committed.Length; low < high;)
        {
            int middle = (low + high) / 2;
            (low, high) = _committed[middle].Value.Index < first ? (middle + 1, high) : (low, middle);
        }

        ImmutableArray<ValueRef>.Builder found = ImmutableArray.CreateBuilder<ValueRef>();
        for (; low < _committed.Length && _committed[low].Value.Index < position; low++)
        {
            if (_committed[low].Last >= position)
            {
                found.Add(_committed[low].Value);
            }
        }

        return found.DrainToImmutable();
    }
}
