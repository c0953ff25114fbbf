using System.Collections.Immutable;
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

/// <summary>The independent tests and models: what is supported agrees, and what is not says so.</summary>
internal sealed class ConformanceTests
{
    private const double Relative = 1e-3;
    private static readonly string[] Random = ["test_training_dropout", "test_training_dropout_default_mask", "test_training_dropout_mask"];

    /// <summary>At least as many pass as when this was written.</summary>
    [TestCase("node", 652)]
    [TestCase("simple", 5)]
    [TestCase("pytorch-converted", 57)]
    [TestCase("pytorch-operator", 22)]
    [TestCase("legacy-v1.4.1", 99)]
    [TestCase("legacy-v1.5.0", 6)]
    [TestCase("legacy-v1.7.0", 75)]
    [TestCase("legacy-v1.12.0", 107)]
    public void Node_tests_pass_or_need_an_operator_that_is_not_there(string set, int least)
    {
        string folder = Path.Combine(TestData.Folder("onnx-open"), "onnx-open", set);
        Conformance conformance = new(Relative, 1e-7);
        using CpuBackend cpu = new();
        List<string> failures = [];
        int passed = 0;
        foreach (string test in Conformance.Find(folder))
        {
            ConformanceResult result = conformance.Run(test, cpu, CancellationToken.None);
            passed += result.Passed ? 1 : 0;
            bool isMissing = result.Reason.StartsWith("the model is not supported", StringComparison.Ordinal)
                && (result.Reason.Contains("the operator is not supported", StringComparison.Ordinal) || Random.Contains(Path.GetFileName(test)));
            if (!result.Passed && !isMissing)
            {
                failures.Add($"{Path.GetFileName(test)}: {result.Reason}");
            }
        }

        Assert.That(failures, Is.Empty);
        Assert.That(passed, Is.GreaterThanOrEqualTo(least));
    }

    /// <summary>Models against ONNX Runtime; the integer ones without any difference.</summary>
    [TestCase("mnist-cntk-op8", 2e-3)]
    [TestCase("mlperf-resnet8-f32", 1e-6)]
    [TestCase("mlperf-resnet8-int8-qdq", 0)]
    [TestCase("mlperf-resnet8-int8-qop", 0)]
    [TestCase("mlperf-kws-dscnn-int8-qop", 0)]
    [TestCase("mnist-factorio-fp32", 1e-6)]
    [TestCase("mnist-factorio-int8dyn", 0)]
    [TestCase("cnn-mnist-tribuo", 1e-6)]
    [TestCase("super-resolution-op15", 1e-5)]
    [TestCase("tinybert-tribuo", 1e-6)]
    [TestCase("deeploy-cct2-op20", 1e-6)]
    [TestCase("magika-v3.3", 1e-5)]
    [TestCase("ppocrv4-rec", 1e-5)]
    [TestCase("ultraface-slim-320", 1e-6)]
    [TestCase("stories260K/onnx_nocache", 1e-4)]
    [TestCase("stories260K/onnx_kv", 1e-4)]
    public void Model_agrees_with_another_engine_and_itself(string name, double most)
    {
        string folder = Model(name);
        using CpuBackend cpu = new();
        ConformanceResult result = new Conformance(Relative, 1e-5).Run(folder, cpu, CancellationToken.None);
        Assert.That(result, Is.EqualTo(new ConformanceResult(true, string.Empty, result.LargestDifference)));
        Assert.That(result.LargestDifference, Is.LessThanOrEqualTo(most));

        OnnxModel model = OnnxModel.Load(Path.Combine(folder, "model.onnx"));
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(folder, "test_data_set_0"), "input");
        Graph graph = model.Specialize(inputs);
        using CpuBackend alone = new(threads: 1, SimdLevels.Best == SimdLevel.Scalar ? SimdLevel.Scalar : SimdLevel.V128);
        using CpuBackend crowd = new(threads: 3);
        Assert.That(Digests(graph, inputs, alone), Is.EqualTo(Digests(graph, inputs, crowd)), "threads and vector width");
    }

    /// <summary>Every integer tensor inside four models, bit for bit.</summary>
    [TestCase("mlperf-resnet8-int8-qop", 38)]
    [TestCase("mlperf-kws-dscnn-int8-qop", 32)]
    [TestCase("mlperf-resnet8-int8-qdq", 34)]
    [TestCase("mnist-factorio-int8dyn", 18)]
    public void Integer_tensors_inside_a_model_are_the_published_ones(string name, int count)
    {
        string[][] lines = [.. File.ReadLines(TestData.File("int8-intermediates.tsv")).Select(line => line.Split('\t')).Where(line => line[0] == name)];
        Assert.That(lines, Has.Length.EqualTo(count));
        ModelProto proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(Model(name), "model.onnx")));
        HashSet<string> known = [.. proto.Graph.Output.Select(output => output.Name)];
        foreach (string tensor in lines.Select(line => line[2]).Where(known.Add))
        {
            proto.Graph.Output.Add(new ValueInfoProto { Name = tensor });
        }

        OnnxModel model = OnnxModel.Parse(proto.ToByteArray());
        using CpuBackend cpu = new();
        foreach (IGrouping<string, string[]> set in lines.GroupBy(line => line[1]))
        {
            ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(Model(name), $"test_data_set_{set.Key}"), "input");
            Graph graph = model.Specialize(inputs);
            ImmutableArray<Tensor> outputs = new Executor(graph, cpu).Run(inputs);
            Dictionary<string, string> digests = graph.Outputs.Zip(outputs).ToDictionary(pair => pair.First.Name, pair => Digest(pair.Second));
            Assert.Multiple(() =>
            {
                foreach (string[] line in set)
                {
                    Assert.That(digests[line[2]], Is.EqualTo(line[5]), $"{name}, set {set.Key}, {line[2]}");
                }
            });
        }
    }

    [Test]
    public void Test_folders_are_found_once_through_links()
    {
        using Folder folder = new();
        foreach (string name in new[] { "b", "a", "deep/er/c" })
        {
            folder.Write($"{name}/model.onnx", Made.Plain().ToByteArray());
            Directory.CreateDirectory(Path.Combine(folder.Root, name, "test_data_set_0"));
        }

        folder.Write("no-sets/model.onnx", []);
        Directory.CreateDirectory(Path.Combine(folder.Root, "no-model", "test_data_set_0"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "deep", "loop"), folder.Root);
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "again"), Path.Combine(folder.Root, "a"));
        using Folder other = new();
        other.Write("d/model.onnx", Made.Plain().ToByteArray());
        Directory.CreateDirectory(Path.Combine(other.Root, "d", "test_data_set_7"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "elsewhere"), other.Root);
        Assert.That(
            Conformance.Find(folder.Root).Select(path => Path.GetFileName(path)), Is.EquivalentTo(new[] { "a", "b", "c", "d" }).Or.EquivalentTo(new[] { "again", "b", "c", "d" }));
    }

    [Test]
    public void Comparison_follows_its_rule()
    {
        double largest = 0;
        Conformance conformance = new(0.1, 0.5);
        string Compare(float a, float b) => conformance.Compare(Of(a), Of(b), ref largest);
        Assert.Multiple(() =>
        {
            Assert.That(Compare(11.5f, 10f), Is.Empty, "at the bound");
            Assert.That(Compare(11.6f, 10f), Is.EqualTo("element 0 is 11.600000381469727, not 10"));
            Assert.That(Compare(float.PositiveInfinity, float.PositiveInfinity), Is.Empty);
            Assert.That(Compare(float.PositiveInfinity, float.NegativeInfinity), Is.Not.Empty);
            Assert.That(Compare(float.PositiveInfinity, 3e38f), Is.Not.Empty);
            Assert.That(Compare(Numerics.Real.NaNF32, Numerics.Real.NaNF32), Is.Empty);
            Assert.That(Compare(Numerics.Real.NaNF32, 0f), Is.Not.Empty);
            Assert.That(Compare(0f, -0f), Is.Empty);
            Assert.That(conformance.Compare(Of(1L), Of(2L), ref largest), Is.EqualTo("differs first at element 0"), "integers exactly");
            Assert.That(conformance.Compare(Of(1L), Of(1f), ref largest), Is.EqualTo("is i64[1], not f32[1]"));
        });
    }

    [Test]
    public void A_test_fails_with_its_reason()
    {
        using Folder folder = new();
        folder.Write("t/model.onnx", Made.Plain().ToByteArray());
        string test = Path.Combine(folder.Root, "t");
        string set = Path.Combine(test, "test_data_set_0");
        Directory.CreateDirectory(set);
        Tensor x = Tensor.Of<float>(DType.F32, new Shape(2, 3), 1, -2, 3, -4, 5, -6);
        Tensor y = Tensor.Of<float>(DType.F32, new Shape(2, 3), 1, 0, 3, 0, 5, 0);
        TensorFile.Write(Path.Combine(set, "input_0.pb"), "x", x);
        TensorFile.Write(Path.Combine(set, "output_0.pb"), "y", y);
        ConformanceResult Run() => new Conformance(0, 0).Run(test, new ReferenceBackend(), CancellationToken.None);
        Assert.That(Run(), Is.EqualTo(new ConformanceResult(true, string.Empty, 0)));
        TensorFile.Write(Path.Combine(set, "output_0.pb"), "y", x);
        Assert.That(Run(), Is.EqualTo(new ConformanceResult(false, "test_data_set_0: output 'y' element 1 is 0, not -2", 2)));
        TensorFile.Write(Path.Combine(set, "input_0.pb"), "x", Tensor.Of<float>(DType.F32, new Shape(2), 1, 2));
        Assert.That(Run().Reason, Is.EqualTo("input 'x' is declared f32[2,3], got f32[2]"));
        folder.Write("t/model.onnx", [1, 2, 3]);
        Assert.That(Run().Reason, Does.StartWith("the model is not valid: the file is truncated or damaged"));
    }

    private static Tensor Of<T>(T value)
        where T : unmanaged => Tensor.Of(value is float ? DType.F32 : DType.I64, new Shape(1), value);

    private static string Model(string name) => Path.Combine(TestData.Folder("models-open"), "models-open", name);

    private static string[] Digests(Graph graph, ImmutableArray<Tensor> inputs, IBackend backend)
        => [.. new Executor(graph, backend).Run(inputs).Select(Digest)];

    private static string Digest(Tensor tensor) => Convert.ToHexStringLower(SHA256.HashData(tensor.Bytes.Span));
}
