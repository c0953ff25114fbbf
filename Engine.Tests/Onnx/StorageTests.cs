using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Models of f32 made models of f16, bf16 and f64: the same bits everywhere, and near to what f32 gives.</summary>
internal sealed class StorageTests
{
    private const int Float = (int)DType.F32;

    private static readonly string[] Models = ["mnist-cntk-op8", "mlperf-resnet8-f32", "cnn-mnist-tribuo", "tinybert-tribuo", "deeploy-cct2-op20"];

    // The definition takes its time for these in f64.
    private static readonly string[] Slow = ["mlperf-resnet8-f32", "deeploy-cct2-op20"];

    [TestCaseSource(nameof(Cases))]
    public void A_model_of_another_real_type_runs(string name, DType type)
    {
        string folder = Path.Combine(TestData.Folder("models-open"), "models-open", name);
        ModelProto proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(folder, "test_data_set_0"), "input");
        using ReferenceBackend reference = new();
        using CpuBackend plain = new(1);
        double[] expected = Numbers(Outputs(OnnxModel.Parse(proto.ToByteArray()), inputs, plain));
        Convert(proto, type);
        OnnxModel model = OnnxModel.Parse(proto.ToByteArray());
        inputs = [.. inputs.Select(input => input.Type.DType == DType.F32 ? As(input, type) : input)];
        ImmutableArray<Tensor> outputs = Outputs(model, inputs, reference);
        Assert.That(outputs.Where(output => output.Type.DType.IsReal()).Select(output => output.Type.DType).Distinct(), Is.EqualTo([type]));
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
        {
            foreach (int threads in new[] { 1, 2 })
            {
                using CpuBackend backend = new(threads, level);
                Assert.That(Digest(Outputs(model, inputs, backend)), Is.EqualTo(Digest(outputs)), $"{level}, {threads} threads");
            }
        }

        double[] found = Numbers(outputs);
        double largest = expected.Max(Math.Abs);
        double difference = expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() / largest;
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {type}: largest difference {difference:G3} of {largest:G3}"));
        double bound = type switch
        {
            DType.F64 => 1e-6,
            DType.F16 => 0.005,
            _ => 0.05,
        };
        Assert.That(difference, Is.LessThan(bound), "what the storage allows");
    }

    private static IEnumerable<TestCaseData> Cases()
    {
        foreach (string name in Models)
        {
            foreach (DType type in new[] { DType.F16, DType.BF16, DType.F64 })
            {
                TestCaseData entry = new(name, type);
                yield return type == DType.F64 && Slow.Contains(name) ? entry.SetCategory("slow") : entry;
            }
        }
    }

    private static ImmutableArray<Tensor> Outputs(OnnxModel model, ImmutableArray<Tensor> inputs, IBackend backend)
        => new Executor(model.Specialize(inputs), backend).Run(inputs);

    private static double[] Numbers(IEnumerable<Tensor> tensors)
        => [.. tensors.Where(tensor => tensor.Type.DType.IsReal()).SelectMany(tensor => As(tensor, DType.F64).As<double>().ToArray())];

    private static Tensor As(Tensor tensor, DType type) => ReferenceBackend.Evaluate(new Cast(type), tensor)[0];

    private static string Digest(IEnumerable<Tensor> tensors)
        => System.Convert.ToHexString(SHA256.HashData([.. tensors.SelectMany(tensor => tensor.Bytes.ToArray())]));

    // Everything that is f32 in the file.
    private static void Convert(ModelProto model, DType type)
    {
        foreach (ValueInfoProto value in model.Graph.Input.Concat(model.Graph.Output).Concat(model.Graph.ValueInfo))
        {
            if (value.Type?.TensorType is { ElemType: Float } tensor)
            {
                tensor.ElemType = (int)type;
            }
        }

        foreach (TensorProto weight in model.Graph.Initializer)
        {
            Convert(weight, type);
        }

        foreach (AttributeProto attribute in model.Graph.Node.SelectMany(node => node.Attribute))
        {
            if (attribute.T is TensorProto literal)
            {
                Convert(literal, type);
            }
            else if (attribute is { Name: "to", I: Float })
            {
                attribute.I = (int)type;
            }
        }
    }

    private static void Convert(TensorProto proto, DType type)
    {
        if (proto.DataType != Float)
        {
            return;
        }

        byte[] bytes = proto.RawData.Length > 0 ? proto.RawData.ToByteArray() : [.. proto.FloatData.SelectMany(BitConverter.GetBytes)];
        Tensor converted = As(Tensor.Canonical(new TensorType(DType.F32, new Shape([.. proto.Dims])), bytes), type);
        proto.DataType = (int)type;
        proto.FloatData.Clear();
        proto.RawData = ByteString.CopyFrom(converted.Bytes.Span);
    }
}
