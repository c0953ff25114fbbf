using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Graphs;

/// <summary>Adds nodes, infers shapes, composes views, refuses nonsense. What no output needs is left out of the graph, except inputs.</summary>
public sealed class GraphBuilder
{
    private readonly List<GraphInput> _inputs = [];
    private readonly List<GraphParameter> _parameters = [];
    private readonly List<Node> _nodes = [];

    /// <summary>Nodes added so far.</summary>
    public int NodeCount => _nodes.Count;

    /// <summary>Adds a graph input.</summary>
    public ValueRef Input(string name, TensorType type)
    {
        _inputs.Add(new GraphInput(name, type));
        return new ValueRef(ValueKind.Input, _inputs.Count - 1);
    }

    /// <summary>Adds a parameter.</summary>
    public ValueRef Parameter(string name, Tensor value)
    {
        _parameters.Add(new GraphParameter(name, value));
        return new ValueRef(ValueKind.Parameter, _parameters.Count - 1);
    }

    /// <summary>The value of a parameter.</summary>
    public Tensor ParameterValue(int index) => _parameters[index].Value;

    /// <summary>The name of a parameter.</summary>
    public string ParameterName(int index) => _parameters[index].Name;

    /// <summary>A node added earlier.</summary>
    public Node NodeAt(int index) => _nodes[index];

    /// <summary>Adds a node and gives its outputs.</summary>
    /// <exception cref="ArgumentException">The op refuses the inputs.</exception>
    public ImmutableArray<ValueRef> AddMany(string name, Op op, params ReadOnlySpan<ValueRef> inputs)
    {
        ArgumentNullException.ThrowIfNull(op);
        if (_nodes.Count >= Limits.Nodes)
        {
            throw Error.TooManyNodes();
        }

        TensorType[] types = new TensorType[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            types[i] = TypeOf(inputs[i]);
        }

        ImmutableArray<TensorType> outputs = op.Infer(types);
        foreach (TensorType output in outputs)
        {
            if (op is not Ops.View && output.Bytes > Limits.TensorBytes)
            {
                throw Error.TensorTooLarge(output);
            }
        }

        _nodes.Add(new Node(name, op, [.. inputs], outputs));
        return [.. Enumerable.Range(0, outputs.Length).Select(slot => new ValueRef(ValueKind.Node, _nodes.Count - 1, slot))];
    }

    /// <summary>Adds a node and gives its first output.</summary>
    /// <exception cref="ArgumentException">The op refuses the inputs.</exception>
    public ValueRef Add(string name, Op op, params ReadOnlySpan<ValueRef> inputs) => AddMany(name, op, inputs)[0];

    /// <summary>Type of a value.</summary>
    public TensorType TypeOf(ValueRef value) => value.Kind switch
    {
        ValueKind.Node => _nodes[value.Index].Outputs[value.Slot],
        ValueKind.Parameter => _parameters[value.Index].Value.Type,
        _ => _inputs[value.Index].Type,
    };

    /// <summary>Shape of a value.</summary>
    public Shape ShapeOf(ValueRef value) => TypeOf(value).Shape;

    /// <summary>A view of a value by a change of its current map: <c>builder.View(name, x, map =&gt; map.Transpose(1, 0))</c>.</summary>
    public ValueRef View(string name, ValueRef value, Func<AffineView, AffineView> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        (ValueRef source, AffineView map) = Resolve(value);
        AffineView changed = change(map);
        if (changed.Equals(map))
        {
            return value;
        }

        return changed.Equals(AffineView.Identity(ShapeOf(source))) ? source : Add(name, new Ops.View(changed), source);
    }

    /// <summary>The same elements in another shape; a <see cref="Copy"/> comes first where no affine map does it.</summary>
    /// <exception cref="ArgumentException">The element counts differ.</exception>
    public ValueRef Reshape(string name, ValueRef value, Shape shape)
    {
        (_, AffineView map) = Resolve(value);
        if (map.TryReshape(shape, out AffineView? reshaped))
        {
            return View(name, value, _ => reshaped);
        }

        return Reshape(name, Add(name, Copy.Instance, value), shape);
    }

    /// <summary>The value broadcast to a shape.</summary>
    /// <exception cref="ArgumentException">It does not broadcast.</exception>
    public ValueRef Expand(string name, ValueRef value, Shape shape) => View(name, value, map => map.Expand(shape));

    /// <summary>The value with its axes reordered.</summary>
    public ValueRef Transpose(string name, ValueRef value, params ImmutableArray<int> order)
        => View(name, value, map => map.Transpose(order.AsSpan()));

    /// <summary>The graph of everything that the outputs need.</summary>
    /// <exception cref="ArgumentException">The graph has a defect; the message lists all.</exception>
    public Graph Build(params ImmutableArray<GraphOutput> outputs)
    {
        bool[] nodes = new bool[_nodes.Count];
        bool[] parameters = new bool[_parameters.Count];
        foreach (GraphOutput output in outputs)
        {
            Mark(output.Value, nodes, parameters);
        }

        for (int index = _nodes.Count - 1; index >= 0; index--)
        {
            foreach (ValueRef input in nodes[index] ? _nodes[index].Inputs : [])
            {
                Mark(input, nodes, parameters);
            }
        }

        int[] nodeIndex = Renumber(nodes);
        int[] parameterIndex = Renumber(parameters);
        ValueRef Renamed(ValueRef value) => value.Kind switch
        {
            ValueKind.Node => value with { Index = nodeIndex[value.Index] },
            ValueKind.Parameter => value with { Index = parameterIndex[value.Index] },
            _ => value,
        };

        return Graph.TryCreate(
            [.. _inputs],
            [.. _parameters.Where((_, index) => parameters[index])],
            [.. _nodes.Where((_, index) => nodes[index]).Select(node => node with { Inputs = [.. node.Inputs.Select(Renamed)] })],
            [.. outputs.Select(output => output with { Value = Renamed(output.Value) })],
            out ImmutableArray<string> defects) ?? throw Error.GraphDefects(defects);
    }

    /// <summary>The value that holds the elements, and the map to them.</summary>
    public (ValueRef Source, AffineView Map) Resolve(ValueRef value)
        => value.Kind == ValueKind.Node && _nodes[value.Index].Op is Ops.View view
            ? (_nodes[value.Index].Inputs[0], view.Map)
            : (value, AffineView.Identity(ShapeOf(value)));

    private static void Mark(ValueRef value, bool[] nodes, bool[] parameters)
    {
        if (value.Kind == ValueKind.Node)
        {
            nodes[value.Index] = true;
        }
        else if (value.Kind == ValueKind.Parameter)
        {
            parameters[value.Index] = true;
        }
    }

    private static int[] Renumber(bool[] kept)
    {
        int[] index = new int[kept.Length];
        int next = 0;
        for (int i = 0; i < kept.Length; i++)
        {
            index[i] = kept[i] ? next++ : -1;
        }

        return index;
    }
}
