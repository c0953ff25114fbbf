using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Graphs;

/// <summary>Where a value comes from.</summary>
public enum ValueKind
{
    /// <summary>An output of an earlier node.</summary>
    Node = 1,

    /// <summary>A parameter: weights and constants, fixed with the model.</summary>
    Parameter = 2,

    /// <summary>A graph input, given for each run.</summary>
    Input = 3,
}

/// <summary>Names a value: output <paramref name="Slot"/> of node <paramref name="Index"/>, or a parameter, or a graph input (slot 0).</summary>
public readonly record struct ValueRef(ValueKind Kind, int Index, int Slot = 0);

/// <summary>A graph input.</summary>
public sealed record GraphInput(string Name, TensorType Type);

/// <summary>A parameter with its value.</summary>
public sealed record GraphParameter(string Name, Tensor Value);

/// <summary>A graph output.</summary>
public sealed record GraphOutput(string Name, ValueRef Value);

/// <summary>One operation applied to earlier values.</summary>
/// <param name="Name">The origin in the model, for people; not part of any record.</param>
/// <param name="Op">What it does, attributes included.</param>
/// <param name="Inputs">Operands, all earlier in the graph.</param>
/// <param name="Outputs">Types of the outputs, as the op's shape rule gives them.</param>
public sealed record Node(string Name, Op Op, ImmutableArray<ValueRef> Inputs, ImmutableArray<TensorType> Outputs);

/// <summary>What is computed: nodes in topological order, every shape concrete. Immutable; made by <see cref="GraphBuilder"/>, or from
/// parts by <see cref="TryCreate"/>, which checks everything.</summary>
public sealed class Graph
{
    internal Graph(
        ImmutableArray<GraphInput> inputs,
        ImmutableArray<GraphParameter> parameters,
        ImmutableArray<Node> nodes,
        ImmutableArray<GraphOutput> outputs)
    {
        Inputs = inputs;
        Parameters = parameters;
        Nodes = nodes;
        Outputs = outputs;
    }

    /// <summary>The inputs, in the model's order.</summary>
    public ImmutableArray<GraphInput> Inputs { get; }

    /// <summary>The parameters.</summary>
    public ImmutableArray<GraphParameter> Parameters { get; }

    /// <summary>The nodes; each refers to earlier ones only.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>The outputs, in the model's order.</summary>
    public ImmutableArray<GraphOutput> Outputs { get; }

    /// <summary>Type of a value.</summary>
    public TensorType TypeOf(ValueRef value) => value.Kind switch
    {
        ValueKind.Node => Nodes[value.Index].Outputs[value.Slot],
        ValueKind.Parameter => Parameters[value.Index].Value.Type,
        _ => Inputs[value.Index].Type,
    };

    /// <summary>The value that holds the elements, and the map to them: a view's source and map, otherwise the value itself.</summary>
    public (ValueRef Source, AffineView Map) Resolve(ValueRef value)
        => value.Kind == ValueKind.Node && Nodes[value.Index].Op is View view
            ? (Nodes[value.Index].Inputs[0], view.Map)
            : (value, AffineView.Identity(TypeOf(value).Shape));

    /// <summary>The same graph with other values of the same types as parameters.</summary>
    /// <exception cref="ArgumentException">Their number or a type is another.</exception>
    public Graph WithParameters(ImmutableArray<Tensor> values)
    {
        bool fits = values.Length == Parameters.Length && values.Select((value, i) => value.Type == Parameters[i].Value.Type).All(same => same);
        return fits
            ? new Graph(Inputs, [.. Parameters.Select((parameter, i) => parameter with { Value = values[i] })], Nodes, Outputs)
            : throw Error.OtherParameters();
    }

    /// <summary>A graph from parts that nobody vouches for.</summary>
    /// <returns>The graph, or null and one message for each defect.</returns>
    public static Graph? TryCreate(
        ImmutableArray<GraphInput> inputs,
        ImmutableArray<GraphParameter> parameters,
        ImmutableArray<Node> nodes,
        ImmutableArray<GraphOutput> outputs,
        out ImmutableArray<string> defects)
    {
        defects = GraphCheck.Defects(inputs, parameters, nodes, outputs);
        return defects.IsEmpty ? new Graph(inputs, parameters, nodes, outputs) : null;
    }
}
