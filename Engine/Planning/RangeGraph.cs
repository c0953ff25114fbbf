using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Planning;

/// <summary>An output of a node, as ranges are measured.</summary>
/// <param name="Node">Its node.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="IsCommitted">Whether it may cross a cut.</param>
/// <param name="IsOutput">Whether it is an output of the graph.</param>
/// <param name="LastNeed">Of a committed value, the last node with a committed output that needs it; else −1.</param>
internal sealed record RangeValue(int Node, long Bytes, bool IsCommitted, bool IsOutput, int LastNeed)
{
    /// <summary>The last node that reads it, of those that any committed value needs: until then whoever computes it holds it.</summary>
    internal int LastRead { get; set; } = Node;
}

/// <summary>A node, as ranges are measured.</summary>
/// <param name="IsView">Whether it is a view, which takes nothing.</param>
/// <param name="Outputs">Its outputs, by number.</param>
/// <param name="Sources">Outputs of nodes that it reads, through views, by number.</param>
/// <param name="Inputs">Graph inputs that it reads.</param>
/// <param name="Parameters">Tensors that it reads, by number.</param>
internal sealed record RangeNode(
    bool IsView, ImmutableArray<int> Outputs, ImmutableArray<int> Sources, ImmutableArray<int> Inputs, ImmutableArray<int> Parameters)
{
    /// <summary>Bytes of its committed outputs.</summary>
    internal long CommittedBytes { get; init; }

    /// <summary>Bytes of all its outputs.</summary>
    internal long OutputBytes { get; init; }

    /// <summary>Bytes that it holds at its step, whatever the range: outputs, and what it reads, that are not committed.</summary>
    internal long OpenBytes { get; init; }
}

/// <summary>A graph with its cuts, in numbers, so that its many ranges are measured quickly.</summary>
internal sealed class RangeGraph
{
    private readonly int[] _lastUse;
    private readonly int[] _mark;
    private int _marks;

    internal RangeGraph(Graph graph, Cuts cuts)
    {
        Cuts = cuts;
        HashSet<ValueRef> outputs = [.. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        Dictionary<Tensor, int> tensors = [];
        int[] tensorOf = [.. graph.Parameters.Select(
            parameter => tensors.TryAdd(parameter.Value, tensors.Count) ? tensors.Count - 1 : tensors[parameter.Value])];
        TensorBytes = [.. tensors.OrderBy(entry => entry.Value).Select(entry => entry.Key.Type.Bytes)];
        InputBytes = [.. graph.Inputs.Select(input => input.Type.Bytes)];
        Dictionary<ValueRef, int> numbers = [];
        for (int node = 0; node < graph.Nodes.Length; node++)
        {
            for (int slot = 0; slot < graph.Nodes[node].Outputs.Length && graph.Nodes[node].Op is not View; slot++)
            {
                ValueRef value = new(ValueKind.Node, node, slot);
                bool isCommitted = cuts.Committed.Contains(value);
                numbers.Add(value, Values.Count);
                Values.Add(new RangeValue(node, graph.TypeOf(value).Bytes, isCommitted, outputs.Contains(value), isCommitted ? cuts.LastNeed(value) : -1));
            }
        }

        Nodes = [.. graph.Nodes.Select((node, index) =>
        {
            ImmutableArray<ValueRef> sources = node.Op is View ? [] : cuts.Sources(index);
            ImmutableArray<int> Of(ValueKind kind) => [.. sources.Where(source => source.Kind == kind).Select(source => source.Index)];
            int[] own = node.Op is View ? [] : [.. node.Outputs.Select((_, slot) => numbers[new ValueRef(ValueKind.Node, index, slot)])];
            int[] read = [.. sources.Where(source => source.Kind == ValueKind.Node).Select(source => numbers[source])];
            long BytesOf(IEnumerable<int> values, bool isCommitted)
                => values.Select(value => Values[value]).Where(value => value.IsCommitted == isCommitted).Sum(value => value.Bytes);
            return new RangeNode(
                node.Op is View, [.. own], [.. read], Of(ValueKind.Input), [.. Of(ValueKind.Parameter).Select(parameter => tensorOf[parameter]).Distinct()])
            {
                CommittedBytes = BytesOf(own, true),
                OutputBytes = BytesOf(own, true) + BytesOf(own, false),
                OpenBytes = BytesOf(own.Concat(read), false),
            };
        })];
        _lastUse = new int[Values.Count];
        _mark = new int[Nodes.Length];
        foreach (int node in Computed(0, Nodes.Length))
        {
            foreach (int source in Nodes[node].Sources)
            {
                Values[source].LastRead = node;
            }
        }
    }

    /// <summary>Where it may be cut.</summary>
    internal Cuts Cuts { get; }

    /// <summary>Its nodes.</summary>
    internal ImmutableArray<RangeNode> Nodes { get; }

    /// <summary>Outputs of all nodes but views.</summary>
    internal List<RangeValue> Values { get; } = [];

    /// <summary>Bytes of each tensor that is a parameter.</summary>
    internal ImmutableArray<long> TensorBytes { get; }

    /// <summary>Bytes of each graph input.</summary>
    internal ImmutableArray<long> InputBytes { get; }

    /// <summary>Bytes of intermediates and outputs of a range: those of the <see cref="Planner"/>'s plan for its <see cref="GraphPart"/>.</summary>
    internal long Activations(int first, int end)
    {
        List<int> nodes = Computed(first, end);
        bool isGiven = false;
        foreach (int node in nodes)
        {
            foreach (int value in Nodes[node].Outputs)
            {
                _lastUse[value] = node;
                isGiven |= IsGiven(value, first, end);
            }

            foreach (int source in Nodes[node].Sources)
            {
                _lastUse[source] = node;
            }
        }

        Buffers buffers = new();
        long outputs = 0;
        foreach (int node in nodes)
        {
            foreach (int value in Nodes[node].Outputs)
            {
                if (IsGiven(value, first, end) || (!isGiven && Values[value].IsCommitted && node >= first))
                {
                    outputs += Values[value].Bytes;
                }
                else
                {
                    buffers.Hold(Values[value].Bytes, _lastUse[value]);
                }
            }

            buffers.End(node);
        }

        return outputs + buffers.Sizes.Sum();
    }

    // Of the range, and needed behind it or an output of the graph.
    private bool IsGiven(int value, int first, int end) => Values[value] is { IsCommitted: true } known && known.Node >= first
        && (known.LastNeed >= end || known.IsOutput);

    // The nodes that are computed for a range, ascending.
    private List<int> Computed(int first, int end)
    {
        _marks++;
        int least = first;
        Stack<int> open = [];
        for (int node = first; node < end; node++)
        {
            Cuts.Need(node, needed =>
            {
                least = int.Min(least, needed);
                bool isNew = _mark[needed] != _marks;
                _mark[needed] = _marks;
                return isNew;
            }, open);
        }

        List<int> nodes = [];
        for (int node = least; node < end; node++)
        {
            if (_mark[node] == _marks)
            {
                nodes.Add(node);
            }
        }

        return nodes;
    }
}
