using System.Collections.Immutable;

using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>One operation with its inputs, as an ONNX model and as a graph of ours.</summary>
/// <param name="Text">What it is, for people.</param>
/// <param name="Work">Multiply-adds, or elements visited.</param>
/// <param name="Model">The ONNX model.</param>
/// <param name="Outputs">Names of its outputs.</param>
/// <param name="Graph">The graph; inputs and outputs in the model's order.</param>
/// <param name="Inputs">The inputs.</param>
internal sealed record Case(
    string Text, long Work, byte[] Model, ImmutableArray<string> Outputs, Graph Graph, ImmutableArray<(string Name, Tensor Value)> Inputs);

/// <summary>Makes a case: every input and attribute is said once, for both sides.</summary>
internal sealed class CaseBuilder(string opType, long opset)
{
    private readonly List<OnnxAttribute> _attributes = [];
    private readonly List<string> _operands = [];
    private readonly List<(string Name, Tensor Value)> _inputs = [];
    private readonly List<(string Name, Tensor Value)> _constants = [];
    private readonly List<string> _parts = [];

    /// <summary>Our side.</summary>
    public GraphBuilder Graph { get; } = new();

    /// <summary>An attribute of the ONNX node.</summary>
    /// <param name="name">The attribute.</param>
    /// <param name="value">A float, long, long[] or string.</param>
    public CaseBuilder Attribute(string name, object value)
    {
        _attributes.Add(new OnnxAttribute(name, value));
        _parts.Add($"{name}={(value is long[] list ? string.Join(',', list) : value)}");
        return this;
    }

    /// <summary>The next operand of the node: an input.</summary>
    public ValueRef Input(string name, Tensor value)
    {
        _operands.Add(name);
        _inputs.Add((name, value));
        _parts.Add($"{name} {value.Type}");
        return Graph.Input(name, value.Type);
    }

    /// <summary>The next operand of the node: a constant.</summary>
    public ValueRef Constant(string name, Tensor value)
    {
        _operands.Add(name);
        _constants.Add((name, value));
        _parts.Add(value.Type.Elements == 1 ? $"{name} {Only(value)}" : $"const {name} {value.Type}");
        return Graph.Parameter(name, value);
    }

    /// <summary>The next operand of the node: a constant or an input.</summary>
    public ValueRef Either(bool constant, string name, Tensor value) => constant ? Constant(name, value) : Input(name, value);

    /// <summary>The next operand of the node is left out.</summary>
    public CaseBuilder LeaveOut()
    {
        _operands.Add(string.Empty);
        return this;
    }

    /// <summary>A constant of ours that the ONNX node does not have.</summary>
    public ValueRef Own(Tensor value) => Graph.Parameter("own", value);

    /// <summary>Adds a node of ours.</summary>
    public ValueRef Add(Op op, params ReadOnlySpan<ValueRef> inputs) => Graph.Add(op.Name, op, inputs);

    /// <summary>A value of ours, broadcast.</summary>
    public ValueRef Expand(ValueRef value, params ReadOnlySpan<long> extents) => Graph.Expand("expand", value, new Shape(extents));

    /// <summary>A value of ours in another shape.</summary>
    public ValueRef Reshape(ValueRef value, params ReadOnlySpan<long> extents) => Graph.Reshape("reshape", value, new Shape(extents));

    /// <summary>The case.</summary>
    /// <param name="work">Multiply-adds, or elements visited.</param>
    /// <param name="outputs">The outputs, in the order of the ONNX node's.</param>
    public Case Build(long work, params ImmutableArray<ValueRef> outputs)
    {
        ImmutableArray<string> names = [.. outputs.Select((_, slot) => $"Y{slot}")];
        Graph graph = Graph.Build([.. outputs.Zip(names, (value, name) => new GraphOutput(name, value))]);
        byte[] model = OnnxWriter.OneNode(
            opType,
            opset,
            [.. _attributes],
            [.. _operands],
            [.. _inputs],
            [.. _constants],
            [.. outputs.Zip(names, (value, name) => (name, Graph.TypeOf(value).DType))]);
        return new Case($"{opType} {string.Join(' ', _parts)}", work, model, names, graph, [.. _inputs]);
    }

    private static string Only(Tensor value) => value.Type.DType switch
    {
        DType.F32 => $"{value.As<float>()[0]:R}",
        DType.U8 => $"{value.As<byte>()[0]}",
        DType.I8 => $"{value.As<sbyte>()[0]}",
        _ => $"{value.Type}",
    };
}
