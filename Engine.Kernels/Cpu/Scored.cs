using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>The first part of an attention: what makes the rows of A of its second product.</summary>
/// <param name="Dot">The product that makes the scores.</param>
/// <param name="Between">Elementwise nodes on them, ascending.</param>
/// <param name="Softmax">What makes them weights.</param>
internal sealed record Scored(int Dot, ImmutableArray<int> Between, int Softmax)
{
    /// <summary>All its nodes, in the order in which they run.</summary>
    internal ImmutableArray<int> Nodes => [Dot, .. Between, Softmax];

    /// <summary>Finds the attention around a softmax: scores, what is done to them one by one, softmax, and the product with the values, where nobody else
    /// sees what is between.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="softmax">Number of a node.</param>
    /// <param name="product">The product that a node runs with and the elementwise nodes that do too, ascending; the node is the last of them.</param>
    /// <param name="readers">The nodes that read a value.</param>
    /// <param name="isSeen">Whether a value is to be stored for others than nodes.</param>
    /// <returns>The first part, and what runs with the second product, ascending, that included; null where there is none.</returns>
    internal static (Scored First, int Second, ImmutableArray<int> Last)? Around(
        Graph graph,
        int softmax,
        Func<int, (int Main, ImmutableArray<int> Nodes)?> product,
        Func<ValueRef, IEnumerable<int>> readers,
        Predicate<ValueRef> isSeen)
    {
        if (graph.Nodes[softmax].Op is not Engine.Ops.Softmax { Logarithm: false })
        {
            return null;
        }

        ValueRef input = graph.Nodes[softmax].Inputs[0];
        ValueRef weights = new(ValueKind.Node, softmax);
        ValueRef scores = graph.Resolve(input).Source;
        TensorType type = graph.TypeOf(input);
        int[] after = [.. readers(weights)];
        if (scores.Kind != ValueKind.Node || type.DType != DType.F32 || !IsWhole(graph, input, type.Elements) || after.Length != 1
            || product(scores.Index) is not { } first || first.Nodes[^1] != scores.Index || !IsPlain(graph, first.Main)
            || product(after[0]) is not { } last || last.Main != after[0] || !IsPlain(graph, last.Main))
        {
            return null;
        }

        Node second = graph.Nodes[last.Main];
        bool rows = graph.Resolve(second.Inputs[0]).Source == weights && graph.Resolve(second.Inputs[1]).Source != weights
            && IsWhole(graph, second.Inputs[0], type.Elements) && type.Shape[^1] == graph.TypeOf(second.Inputs[0]).Shape[^1]
            && AreSameRows(graph.Nodes[first.Main].Outputs[0].Shape, graph.TypeOf(second.Inputs[0]).Shape);
        HashSet<int> nodes = [.. first.Nodes, softmax, .. last.Nodes];
        bool unseen = first.Nodes.Add(softmax).All(node => Enumerable.Range(0, graph.Nodes[node].Outputs.Length)
            .Select(slot => new ValueRef(ValueKind.Node, node, slot)).All(value => !isSeen(value) && readers(value).All(nodes.Contains)));
        bool apart = last.Nodes.All(node => graph.Nodes[node].Inputs.All(operand => graph.Resolve(operand).Source is not { Kind: ValueKind.Node } source
            || (!first.Nodes.Contains(source.Index) && (source.Index != softmax || node == last.Main))));
        return rows && unseen && apart
            ? (new Scored(first.Main, first.Nodes.Remove(first.Main), softmax), last.Main, last.Nodes)
            : null;
    }

    /// <summary>Whether a value is all elements of its source, in order, and so many.</summary>
    internal static bool IsWhole(Graph graph, ValueRef value, long elements)
    {
        (ValueRef source, AffineView map) = graph.Resolve(value);
        return map.IsContiguous && map.Offset == 0 && map.Shape.Elements == elements && graph.TypeOf(source).Elements == elements;
    }

    private static bool IsPlain(Graph graph, int node) => graph.Nodes[node] is { Op: Engine.Ops.Dot, Inputs.Length: 2 } dot
        && dot.Outputs[0].DType == DType.F32 && dot.Outputs[0].Elements > 0 && graph.TypeOf(dot.Inputs[0]).Elements > 0;

    // The same matrices, one for each batch.
    private static bool AreSameRows(Shape a, Shape b) => a.Rank > 2 && b.Rank > 2 && a[^1] == b[^1] && a[^2] == b[^2] && a.Elements == b.Elements;
}
