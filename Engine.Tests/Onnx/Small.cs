using System.Collections.Immutable;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Parts of small models with bodies.</summary>
internal static class Small
{
    internal static NodeProto If(string condition, string output, GraphProto then, GraphProto otherwise)
        => Made.Node("If", [condition], [output], Made.Body("then_branch", then), Made.Body("else_branch", otherwise));

    internal static NodeProto Constant(string name, long value) => Made.Node("Constant", [], [name], Made.Int("value_int", value));

    internal static NodeProto Real(string name, float value) => Made.Node("Constant", [], [name], Made.Floats("value_floats", value));

    internal static Tensor True => new(new TensorType(DType.Bool, Shape.Scalar), new byte[] { 1 });

    internal static Tensor False => new(new TensorType(DType.Bool, Shape.Scalar), new byte[] { 0 });

    internal static Tensor Scalar(long value) => Tensor.Of(DType.I64, Shape.Scalar, value);

    internal static Tensor F32(params float[] elements) => Tensor.Of(DType.F32, new Shape(elements.Length), elements.AsSpan());

    /// <summary>An input of f32 whose shape is not declared.</summary>
    internal static ValueInfoProto Any(string name)
        => new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DType.F32 } } };

    internal static OnnxModel Parse(ValueInfoProto[] inputs, string[] outputs, params NodeProto[] nodes)
        => OnnxModel.Parse(Made.Model(Made.Graph(inputs, [.. outputs.Select(Made.Name)], nodes)).ToByteArray());

    internal static void Refused<T>(ValueInfoProto[] inputs, string[] outputs, string message, params NodeProto[] nodes)
        where T : Exception
        => Assert.That(() => Parse(inputs, outputs, nodes), Throws.TypeOf<T>().With.Message.EndsWith($": {message}"));

    internal static (float[] Values, Graph Graph) Run(OnnxModel model, params ImmutableArray<Tensor> inputs)
    {
        Graph graph = model.Specialize(inputs);
        return (new Executor(graph, new ReferenceBackend()).Run(inputs)[0].As<float>().ToArray(), graph);
    }
}
