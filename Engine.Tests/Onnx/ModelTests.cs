using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Whole models against another engine's outputs, and against ourselves on every backend.</summary>
internal sealed class ModelTests
{
    private static readonly string[] Small =
    [
        "mnist-cntk-op8", "mlperf-resnet8-f32", "mlperf-resnet8-int8-qdq", "mlperf-resnet8-int8-qop", "mlperf-kws-dscnn-int8-qop",
        "tinybert-tribuo", "stories260K/onnx_nocache",
    ];

    private static readonly string[] Quantised = ["mlperf-resnet8-int8-qdq", "mlperf-resnet8-int8-qop", "mlperf-kws-dscnn-int8-qop"];

    private static readonly string[] Integer = [.. Quantised, "mnist-factorio-int8dyn"];

    [Test]
    public void Outputs_agree_with_the_oracle([ValueSource(nameof(Small))] string model) => Agrees(model);

    [Test]
    public void Bytes_are_the_same_on_every_backend([ValueSource(nameof(Small))] string model) => IsDeterministic(model);

    [Test, Category("slow")]
    public void Super_resolution_agrees_and_is_deterministic()
    {
        Agrees("super-resolution-op15");
        IsDeterministic("super-resolution-op15");
    }

    [Test]
    public void Integer_tensors_are_the_oracles([ValueSource(nameof(Integer))] string model)
    {
        string[][] rows =
        [
            .. File.ReadLines(TestData.File("int8-intermediates.tsv")).Skip(1).Select(line => line.Split('\t')).Where(row => row[0] == model),
        ];
        Assert.That(rows, Is.Not.Empty);
        using CpuBackend backend = new(1);
        foreach (IGrouping<string, string[]> set in rows.GroupBy(row => row[1]))
        {
            ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(Folder(model), $"test_data_set_{set.Key}"), "input");
            Graph graph = WithOutputs(model, set.Select(row => row[2])).Specialize(inputs);
            ImmutableArray<Tensor> outputs = new Executor(graph, backend).Run(inputs);
            foreach ((string[] row, Tensor output) in set.Zip(outputs))
            {
                Assert.That(string.Join('x', output.Type.Shape.Extents.ToArray()), Is.EqualTo(row[4]), $"shape of {row[2]}");
                Assert.That(Convert.ToHexStringLower(SHA256.HashData(output.Bytes.Span)), Is.EqualTo(row[5]), $"set {set.Key}, {row[2]}");
            }
        }
    }

    [Test]
    public void Quantised_outputs_are_exactly_the_oracles([ValueSource(nameof(Quantised))] string model)
    {
        using CpuBackend backend = new(1);
        ConformanceResult result = new Conformance(0, 0).Run(Folder(model), backend, CancellationToken.None);
        Assert.That(result.Passed, Is.True, result.Reason);
    }

    private static void Agrees(string model)
    {
        using CpuBackend backend = new();
        ConformanceResult result = new Conformance(1e-3, 1e-5).Run(Folder(model), backend, CancellationToken.None);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model}: largest difference {result.LargestDifference:G3}"));
        Assert.That(result.Passed, Is.True, result.Reason);
    }

    private static void IsDeterministic(string model)
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = Prepared(model, 0);
        using ReferenceBackend reference = new();
        string expected = OutputDigest(graph, inputs, reference);
        TestContext.Out.WriteLine($"{model}: {expected}");
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
        {
            foreach (int threads in new[] { 1, 2 })
            {
                using CpuBackend backend = new(threads, level);
                Assert.That(OutputDigest(graph, inputs, backend), Is.EqualTo(expected), $"{level}, {threads} threads");
            }
        }
    }

    private static string OutputDigest(Graph graph, ImmutableArray<Tensor> inputs, IBackend backend)
    {
        ImmutableArray<Tensor> outputs = new Executor(graph, backend).Run(inputs);
        return Convert.ToHexStringLower(SHA256.HashData([.. outputs.SelectMany(output => output.Bytes.ToArray())]));
    }

    // The model with other values as its outputs.
    private static OnnxModel WithOutputs(string model, IEnumerable<string> names)
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Folder(model), "model.onnx")));
        proto.Graph.Output.Clear();
        proto.Graph.Output.AddRange(names.Select(name => new ValueInfoProto { Name = name }));
        return OnnxModel.Parse(proto.ToByteArray());
    }

    private static (Graph Graph, ImmutableArray<Tensor> Inputs) Prepared(string model, int set)
    {
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(Folder(model), $"test_data_set_{set}"), "input");
        return (OnnxModel.Load(Path.Combine(Folder(model), "model.onnx")).Specialize(inputs), inputs);
    }

    private static string Folder(string model)
    {
        string root = TestData.Folder("models-open");
        string nested = Path.Combine(root, "models-open", model);
        return Directory.Exists(nested) ? nested : Path.Combine(root, model);
    }
}
