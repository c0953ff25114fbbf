using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;

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
        ("byte-bilstm", 1e-5),
        ("dtln-1-lstm", 1e-5),
        ("silero-vad-16k-op15", 1e-5),
        ("stories260K/onnx_opset23", 1e-4),
    ];

    // The reference backend takes its time for these.
    private static readonly string[] Slow = ["super-resolution-op15", "ppocrv4-rec", "magika-v3.3"];

    [TestCaseSource(nameof(Bounds))]
    public void Outputs_agree_with_the_oracle(string model, double most)
    {
        using CpuBackend backend = new();
        ConformanceResult result = new Conformance(1e-3, 1e-5).Run(Folder(model), backend, CancellationToken.None);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model}: largest difference {result.LargestDifference:G3}"));
        Assert.That(result.Passed, Is.True, result.Reason);
        Assert.That(result.LargestDifference, Is.LessThanOrEqualTo(most));
    }

    /// <summary>The receipt of the definition alone, and of every width and number of threads; committing changes no output.</summary>
    [TestCaseSource(nameof(Names))]
    public void Receipts_are_the_same_on_every_backend(string model)
    {
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(Folder(model), "test_data_set_0"), "input");
        Graph graph = OnnxModel.Load(Path.Combine(Folder(model), "model.onnx")).Specialize(inputs);
        LoweredGraph lowered = Lowerer.Lower(graph, Policy.Compact2);
        StatementFile statement = new Committer(PlainHasher.Instance).State(lowered, inputs, Scene.Template(Policy.Compact2, Suite.Blake3, 1, model));
        using ReferenceBackend reference = new();
        CommittedRun expected = new Committer(PlainHasher.Instance).Run(statement, lowered.Graph, inputs, reference);
        TestContext.Out.WriteLine($"{model}: {expected.Receipt.Receipt.Id}");
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using CpuBackend backend = new(threads, level);
                CommittedRun run = new Committer(backend.Hasher).Run(statement, lowered.Graph, inputs, backend);
                Assert.That(run.Receipt.Receipt.Id, Is.EqualTo(expected.Receipt.Receipt.Id), $"{level}, {threads} threads");
                Assert.That(Digest(new Executor(graph, backend).Run(inputs)), Is.EqualTo(Digest(expected.Outputs)), $"{level}, {threads} threads");
            }
        }
    }

    /// <summary>Receipts are for ever: under one version of the semantics no change of the code may change one.</summary>
    [TestCaseSource(nameof(Pins))]
    public void Receipts_are_those_of_earlier_versions(string model)
    {
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(Folder(model), "test_data_set_0"), "input");
        Graph graph = OnnxModel.Load(Path.Combine(Folder(model), "model.onnx")).Specialize(inputs);
        using CpuBackend backend = new();
        List<string> found = [];
        foreach (Policy policy in Enum.GetValues<Policy>())
        {
            LoweredGraph lowered = Lowerer.Lower(graph, policy);
            foreach (Suite suite in Enum.GetValues<Suite>())
            {
                Committer committer = new(backend.Hasher);
                StatementFile statement = committer.State(lowered, inputs, Scene.Template(policy, suite, 1, model));
                Digest id = committer.Run(statement, lowered.Graph, inputs, backend).Receipt.Receipt.Id;
                found.Add(string.Join('\t', model, policy.Name(), suite, id));
            }
        }

        string[] pinned = [.. File.ReadLines(Pinned).Where(line => line.StartsWith(model + '\t', StringComparison.Ordinal))];
        Assert.That(found, Is.EqualTo(pinned), string.Join('\n', found));
    }

    [Test]
    public void Weights_in_a_file_of_their_own_are_read()
    {
        float weight = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(
            File.ReadAllBytes(Path.Combine(Folder("external-data"), "external_data.bin")))[^1];
        Tensor[] inputs = [Tensor.Of(DType.F32, new Shape(1), 1.5f), Tensor.Of(DType.F32, new Shape(1), 2f)];
        Graph graph = OnnxModel.Load(Path.Combine(Folder("external-data"), "model.onnx")).Specialize([.. inputs]);
        using CpuBackend backend = new();
        Assert.That(new Executor(graph, backend).Run([.. inputs])[0].As<float>()[0], Is.EqualTo(1.5f + 2f + weight));
    }

    /// <summary>Weights that are all alike make the output nearly uniform: this is about depth and shapes.</summary>
    [TestCase("squeezenet")]
    [TestCase("resnet50")]
    [TestCase("densenet121")]
    public void Deep_network_gives_its_uniform_output(string model)
    {
        using CpuBackend backend = new();
        string folder = Path.Combine(TestData.Folder("onnx-open"), "onnx-open", "light", $"test_light_{model}");
        ConformanceResult result = new Conformance(1e-3, 1e-7).Run(folder, backend, CancellationToken.None);
        Assert.That(result.Passed, Is.True, result.Reason);
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
    public void Every_model_with_expected_outputs_is_supported()
    {
        string root = Path.Combine(TestData.Folder("models-open"), "models-open");
        string[] found = [.. Conformance.Find(root).Select(folder => Path.GetRelativePath(root, folder))];
        Assert.That(found, Is.EquivalentTo(Supported.Select(entry => entry.Model)));
    }

    /// <summary>Graphs of one training step that are not ONNX as written: attributes and types that it has not.</summary>
    [TestCase("deeploy-train-cct2-ft1", typeof(UnsupportedModelException))]
    [TestCase("deeploy-train-transformer-fc", typeof(InvalidModelException))]
    public void What_is_not_strict_is_refused(string model, Type refusal)
        => Assert.That(() => OnnxModel.Load(Path.Combine(Folder(model), "model.onnx")), Throws.TypeOf(refusal));

    private static string Digest(ImmutableArray<Tensor> outputs)
        => Convert.ToHexStringLower(SHA256.HashData([.. outputs.SelectMany(output => output.Bytes.ToArray())]));

    // The model with other values as its outputs.
    private static OnnxModel WithOutputs(string model, IEnumerable<string> names)
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Folder(model), "model.onnx")));
        proto.Graph.Output.Clear();
        proto.Graph.Output.AddRange(names.Select(name => new ValueInfoProto { Name = name }));
        return OnnxModel.Parse(proto.ToByteArray());
    }

    /// <summary>The folder of a model; the test is skipped where the models are absent.</summary>
    internal static string Folder(string model) => Path.Combine(TestData.Folder("models-open"), "models-open", model);

    /// <summary>Receipts of earlier versions: model, policy, suite, id.</summary>
    internal static string Pinned => Path.Combine(TestData.Root, "Engine.Tests", "Onnx", "PinnedReceipts.tsv");

    /// <summary>Models with expected outputs.</summary>
    internal static IEnumerable<string> SupportedNames => Supported.Select(entry => entry.Model);

    private static IEnumerable<TestCaseData> Pins() => Supported.Select(entry => new TestCaseData(entry.Model));

    private static IEnumerable<TestCaseData> Bounds() => Supported.Select(entry => new TestCaseData(entry.Model, entry.Most));

    private static IEnumerable<TestCaseData> Names() => Supported
        .Select(entry => new TestCaseData(entry.Model).SetCategory(Slow.Contains(entry.Model) ? "slow" : "simd"));
}
