using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>Rewrites a graph so that no layout is implicit: what is read row by row lies so in a value of its own (a parameter in that
/// layout, or a copy), what a check would read too widely is laid closer together, and every graph output is a node's output of its own.</summary>
internal sealed class LayoutPass
{
    private readonly Graph _graph;
    private readonly GraphBuilder _builder = new();
    private readonly Dictionary<ValueRef, ValueRef> _new = [];
    private readonly Dictionary<(ValueRef Source, string Map), ValueRef> _laid = [];

    private LayoutPass(Graph graph) => _graph = graph;

    internal static Graph Run(Graph graph)
    {
        LayoutPass pass = new(graph);
        foreach (GraphInput input in graph.Inputs)
        {
            pass._builder.Input(input.Name, input.Type);
        }

        for (int index = 0; index < graph.Nodes.Length; index++)
        {
            pass.Add(index, graph.Nodes[index]);
        }

        return pass._builder.Build([.. pass.Outputs()]);
    }

    private void Add(int index, Node node)
    {
        ValueRef[] inputs = [.. node.Inputs.Select(Renamed)];
        if (node.Op is not View)
        {
            // It follows from types, and these stay however an input is laid.
            Footprint[] reads = Reads(node, inputs);
            for (int slot = 0; slot < inputs.Length; slot++)
            {
                Footprint read = reads[slot];
                if (IsRow(read, out int axis) && _builder.Resolve(inputs[slot]).Map.Strides[axis] != 1)
                {
                    inputs[slot] = Laid(node.Name, inputs[slot], [.. Enumerable.Range(0, read.Box.Length)]);
                }
            }

            Narrow(node, inputs, reads);
        }

        ImmutableArray<ValueRef> outputs = _builder.AddMany(node.Name, node.Op, inputs);
        for (int slot = 0; slot < outputs.Length; slot++)
        {
            _new[new ValueRef(ValueKind.Node, index, slot)] = outputs[slot];
        }
    }

    // While the leaves that one element reads are too many, the input with most of them is laid with the axes that are read most widely innermost.
    private void Narrow(Node node, ValueRef[] inputs, Footprint[] reads)
    {
        HashSet<int> done = [];
        while (done.Count < inputs.Length)
        {
            long[] leaves = [.. inputs.Select((input, slot) => Leaves(reads[slot], input))];
            int most = Enumerable.Range(0, inputs.Length).Where(slot => !done.Contains(slot)).MaxBy(slot => leaves[slot]);
            if (leaves.Sum(count => Math.Min(count, int.MaxValue)) <= Limits.CheckLeaves)
            {
                return;
            }

            Shape shape = _builder.ShapeOf(inputs[most]);
            int[] order = [.. Enumerable.Range(0, shape.Rank).OrderBy(axis => (double)reads[most].Box[axis] / Math.Max(shape[axis], 1))];
            ValueRef laid = Laid(node.Name, inputs[most], order);
            inputs[most] = Leaves(reads[most], laid) < leaves[most] ? laid : inputs[most];
            done.Add(most);
        }
    }

    private long Leaves(Footprint read, ValueRef input)
    {
        (ValueRef source, AffineView map) = _builder.Resolve(input);
        return read.Count == 0 ? 0 : LeafBound.Leaves(read, map, _builder.TypeOf(source));
    }

    // What one element of any output reads of each input: the widest.
    private Footprint[] Reads(Node node, ValueRef[] inputs)
    {
        ImmutableArray<TensorType> types = [.. inputs.Select(_builder.TypeOf)];
        Footprint[] widest = [.. types.Select(type => Footprint.None(type.Shape))];
        for (int output = 0; output < node.Outputs.Length; output++)
        {
            Footprint element = Footprint.Element(node.Outputs[output].Shape);
            ImmutableArray<Footprint> reads = node.Op.Footprints(types.AsSpan(), output, element);
            for (int slot = 0; slot < widest.Length; slot++)
            {
                widest[slot] = reads[slot].Elements > widest[slot].Elements ? reads[slot] : widest[slot];
            }
        }

        return widest;
    }

    private static bool IsRow(Footprint read, out int axis)
    {
        axis = read.Box.Length - 1;
        return read.Count == 1 && axis >= 0 && read.Box[axis] > 1 && read.Box.Take(axis).All(extent => extent == 1);
    }

    // The value in a tensor of its own whose axes lie in the given order, outermost first; repeated axes are not written out.
    private ValueRef Laid(string name, ValueRef value, int[] order)
    {
        (ValueRef source, AffineView map) = _builder.Resolve(value);
        Shape shape = map.Shape;
        AffineView once = map;
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            once = once.Strides[axis] == 0 && shape[axis] > 1 ? once.Slice(axis, 0, 1, 1) : once;
        }

        AffineView ordered = once.Transpose(order);
        if (!_laid.TryGetValue((source, ordered.ToString()), out ValueRef laid))
        {
            laid = source.Kind == ValueKind.Parameter
                ? LaidParameter(source.Index, ordered)
                : _builder.Add(name, Copy.Instance, _builder.View(name, source, _ => ordered));
            _laid[(source, ordered.ToString())] = laid;
        }

        int[] back = [.. Enumerable.Range(0, order.Length).Select(axis => Array.IndexOf(order, axis))];
        return _builder.View(name, laid, own => own.Transpose(back).Expand(shape));
    }

    private ValueRef LaidParameter(int index, AffineView map)
    {
        Tensor old = _builder.ParameterValue(index);
        TensorType type = new(old.Type.DType, map.Shape);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)type.Bytes));
        AffineCopy.Run(old.Bytes.Span, type.DType.Size(), map, bytes);
        return _builder.Parameter(_builder.ParameterName(index), new Tensor(type, bytes));
    }

    private ValueRef Renamed(ValueRef value)
    {
        if (value.Kind == ValueKind.Parameter && !_new.ContainsKey(value))
        {
            _new[value] = _builder.Parameter(_graph.Parameters[value.Index].Name, _graph.Parameters[value.Index].Value);
        }

        return value.Kind == ValueKind.Input ? value : _new[value];
    }

    private IEnumerable<GraphOutput> Outputs()
    {
        HashSet<ValueRef> taken = [];
        foreach (GraphOutput output in _graph.Outputs)
        {
            ValueRef value = Renamed(output.Value);
            bool isOwn = value.Kind == ValueKind.Node && _builder.NodeAt(value.Index).Op is not View && taken.Add(value);
            yield return output with { Value = isOwn ? value : _builder.Add(output.Name, Copy.Instance, value) };
        }
    }
}
