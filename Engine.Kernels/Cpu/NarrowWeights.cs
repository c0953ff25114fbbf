using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Nodes that widen weights for products alone: the products read what the node was given, and the node does not run. Codes of one byte keep
/// their scales beside them; bf16 and f16 stay as they are. A product of few rows then takes as long as its weights are wide.</summary>
internal sealed class NarrowWeights
{
    private readonly Graph _graph;
    private readonly IReadOnlySet<ValueRef> _visible;
    private readonly HashSet<ValueRef> _outputs;
    private readonly ILookup<ValueRef, (Node Node, int Slot)> _readers;
    private readonly HashSet<int> _taken = [];

    internal NarrowWeights(Graph graph, IReadOnlySet<ValueRef> visible)
    {
        _graph = graph;
        _visible = visible;
        _outputs = [.. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        _readers = graph.Nodes.Where(node => node.Op is not View)
            .SelectMany(node => node.Inputs.Select((input, slot) => (graph.Resolve(input).Source, Reader: (node, slot))))
            .ToLookup(read => read.Source, read => read.Reader);
    }

    /// <summary>Whether a node was taken.</summary>
    internal bool Contains(int node) => _taken.Contains(node);

    /// <summary>The node that a product's columns come from where it was taken; otherwise −1.</summary>
    internal int Of(Node product)
        => product.Op is Dot && _graph.Resolve(product.Inputs[1]).Source is { Kind: ValueKind.Node } source && Contains(source.Index) ? source.Index : -1;

    /// <summary>Takes a node whose operands are all known, if it widens weights that only products read.</summary>
    internal bool Take(int index)
    {
        Node node = _graph.Nodes[index];
        ValueRef value = new(ValueKind.Node, index);
        if (node.Op is not (DequantizeLinear or Cast) || node.Outputs[0].DType != DType.F32 || node.Outputs[0].Elements == 0
            || _visible.Contains(value) || _outputs.Contains(value)
            || !_graph.Resolve(node.Inputs[0]).Map.IsContiguous || !_readers[value].Any())
        {
            return false;
        }

        DType given = _graph.TypeOf(node.Inputs[0]).DType;
        bool fits = node.Op is DequantizeLinear ? given is DType.I8 or DType.U8 : given is DType.BF16 or DType.F16;
        if (fits && _readers[value].All(reader => Reads(reader.Node, reader.Slot, node)))
        {
            return _taken.Add(index);
        }

        return false;
    }

    // The product has one B for its whole batch, each element of it once, and long runs of k with one scale.
    private bool Reads(Node product, int slot, Node maker)
    {
        if (product.Op is not Dot || slot != 1)
        {
            return false;
        }

        AffineView map = _graph.Resolve(product.Inputs[1]).Map;
        if (!Lines.Repeat(map, map.Shape.Rank - 2) || map.Shape[^1] * map.Shape[^2] > maker.Outputs[0].Elements)
        {
            return false;
        }

        return maker.Op is Cast
            || Scaling.RunLength(map, _graph.Resolve(maker.Inputs[1]).Map, _graph.Resolve(maker.Inputs[2]).Map) >= Math.Min(Scaling.Shortest, map.Shape[^1]);
    }
}
