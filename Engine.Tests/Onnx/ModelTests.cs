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
    // The largest difference that each may have; none where the arithmetic is of integers.
    private static readonly (string Model, double Most)[] Supported =
    [
        ("mnist-cntk-op8", 2e-3),
        ("mlperf-resnet8-f32", 1e-6),
        ("mlperf-resnet8-int8-qdq", 0),
        ("mlperf-resnet8-int8-qop", 0),
        ("mlperf-kws-dscnn-int8-qop", 0),
        ("mnist-factorio-fp32", 1e-6),
        ("mnist-factorio-int8dyn", 0),
        ("cnn-mnist-tribuo", 1e-6),
        ("tinybert-tribuo", 1e-6),
        ("deeploy-cct2-op20", 1e-6),
        ("magika-v3.3", 1e-5),
        ("ultraface-slim-320", 1e-6),
        ("super-resolution-op15", 1e-5),
        ("ppocrv4-rec", 1e-5),
        ("stories260K/onnx_nocache", 1e-4),
        ("stories260K/onnx_kv", 1e-4),
        ("light/test_light_squeezenet", 1e-6),
        ("light/test_light_zfnet512", 1e-6),
        ("light/test_light_resnet50", 1e-6),
    ];

    private static IEnumerable<string> Names => Supported.Select(entry => entry.Model);

    [Test]
    public void Outputs_agree_with_the_oracle([ValueSource(nameof(Supported))] (string Model, double Most) entry)
    {
        using CpuBackend backend = new();
        ConformanceResult result = new Conformance(1e-3, 1e-5).Run(Folder(entry.Model), backend, CancellationToken.None);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Model}: largest difference {result.LargestDifference:G3}"));
        Assert.That(result.Passed, Is.True, result.Reason);
        Assert.That(result.LargestDifference, Is.LessThanOrEqualTo(entry.Most));
    }

    [Test]
    public void Bytes_are_the_same_on_every_backend([ValueSource(nameof(Names))] string model)
    {
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(Folder(model), "test_data_set_0"), "input");
        Graph graph = OnnxModel.Load(Path.Combine(Folder(model), "model.onnx")).Specialize(inputs);
        using ReferenceBackend reference = new();
        System.Diagnostics.Stopwatch w = System.Diagnostics.Stopwatch.StartNew();
        string expected = OutputDigest(graph, inputs, reference);
        TestContext.Out.WriteLine($"{model}: {expected} {w.Elapsed}");
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
        {
            foreach (int threads in new[] { 1, 2 })
            {
                w.Restart();
                using CpuBackend backend = new(threads, level);
                Assert.That(OutputDigest(graph, inputs, backend), Is.EqualTo(expected), $"{level}, {threads} threads");
                TestContext.Out.WriteLine($"{model}: {level} {threads} {w.Elapsed}");
            }
        }
    }

    /// <summary>Every integer tensor inside four models, bit for bit.</summary>
    [TestCase("mlperf-resnet8-int8-qop", 38)]
    [TestCase("mlperf-kws-dscnn-int8-qop", 32)]
    [TestCase("mlperf-resnet8-int8-qdq", 34)]
    [TestCase("mnist-factorio-int8dyn", 18)]
    public void Integer_tensors_are_the_oracles(string model, int count)
    {
        string[][] rows = [.. File.ReadLines(TestData.File("int8-intermediates.tsv")).Select(line => line.Split('\t')).Where(row => row[0] == model)];
        Assert.That(rows, Has.Length.EqualTo(count));
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
    public void Every_other_model_is_refused_as_unsupported()
    {
        string root = Path.Combine(TestData.Folder("models-open"), "models-open");
        string[] others = [.. Conformance.Find(root).Select(folder => Path.GetRelativePath(root, folder)).Except(Names)];
        Assert.Multiple(() =>
        {
            foreach (string other in others)
            {
                Assert.That(() => OnnxModel.Load(Path.Combine(root, other, "model.onnx")), Throws.TypeOf<UnsupportedModelException>(), other);
            }
        });
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

    private static string Folder(string model) => model.StartsWith("light/", StringComparison.Ordinal)
        ? Path.Combine(TestData.Folder("onnx-open"), "onnx-open", model)
        : Path.Combine(TestData.Folder("models-open"), "models-open", model);
}
