using System.Collections.Immutable;

using Google.Protobuf;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>A model of one node: what it gives for some inputs. An input that is null is left out.</summary>
internal sealed record OneNode(string Op, long Opset, params ImmutableArray<AttributeProto> Attributes)
{
    internal Graph Graph(params ReadOnlySpan<Tensor?> inputs)
    {
        List<ValueInfoProto> declared = [];
        List<string> names = [];
        Dictionary<string, Tensor> given = [];
        foreach (Tensor? input in inputs)
        {
            string name = input is null ? string.Empty : $"x{names.Count}";
            names.Add(name);
            if (input is not null)
            {
                declared.Add(Made.Value(name, input.Type.DType, [.. input.Type.Shape.Extents]));
                given[name] = input;
            }
        }

        ValueInfoProto output = new() { Name = "y" };
        NodeProto node = Made.Node(Op, [.. names], ["y"], [.. Attributes]);
        return OnnxModel.Parse(Made.Model(Made.Graph([.. declared], [output], node), Opset).ToByteArray()).Specialize(given);
    }

    internal Tensor Run(params ReadOnlySpan<Tensor?> inputs)
    {
        ImmutableArray<Tensor>.Builder given = ImmutableArray.CreateBuilder<Tensor>();
        foreach (Tensor? input in inputs)
        {
            if (input is not null)
            {
                given.Add(input);
            }
        }

        return new Executor(Graph(inputs), new ReferenceBackend()).Run(given.ToImmutable())[0];
    }

    internal float[] Floats(params ReadOnlySpan<Tensor?> inputs) => Run(inputs).As<float>().ToArray();

    internal static Tensor F32(ReadOnlySpan<long> shape, params ReadOnlySpan<float> elements) => Tensor.Of(DType.F32, new Shape(shape), elements);

    internal static Tensor I64(params ReadOnlySpan<long> elements) => Tensor.Of(DType.I64, new Shape(elements.Length), elements);

    /// <summary>0, 1, 2 … in f32.</summary>
    internal static Tensor Ramp(params ReadOnlySpan<long> shape)
        => F32(shape, [.. Enumerable.Range(0, (int)new Shape(shape).Elements).Select(i => (float)i)]);
}
