using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>ONNX's own tests of its operators: each passes, but for those whose golden is no other engine's either.</summary>
internal sealed class ConformanceTests
{
    // Its golden was truncated to bf16 (3EF5EEB0 as 3EF5, not 3EF6); Cast rounds to nearest.
    private const string Truncated = "test_cast_FLOAT_to_BFLOAT16";

    // Their goldens are the numbers of another library's generator.
    private const string Drawn = "test_training_dropout";

    // Their golden takes the width of 2.4 that a scale of 0.6 gives for the extent, which is 2: the last corner is not aligned.
    private static readonly string[] Unaligned =
        ["test_resize_downsample_scales_cubic_align_corners", "test_resize_downsample_scales_linear_align_corners"];

    [TestCase("node", 945)]
    [TestCase("simple", 6)]
    [TestCase("light", 5)]
    [TestCase("pytorch-converted", 58)]
    [TestCase("pytorch-operator", 22)]
    [TestCase("legacy-v1.4.1", 132)]
    [TestCase("legacy-v1.5.0", 17)]
    [TestCase("legacy-v1.7.0", 97)]
    [TestCase("legacy-v1.12.0", 149)]
    public void Every_test_passes_but_those_that_are_explained(string set, int passing)
    {
        string folder = Path.Combine(TestData.Folder("onnx-open"), "onnx-open", set);
        Conformance conformance = new(1e-3, 1e-7);
        using CpuBackend backend = new();
        int passed = 0;
        List<string> failed = [];
        foreach (string test in Conformance.Find(folder))
        {
            string name = Path.GetFileName(test);
            ConformanceResult result = conformance.Run(test, backend, CancellationToken.None);
            if (result.Passed)
            {
                passed++;
            }
            else if (name != Truncated && !name.StartsWith(Drawn, StringComparison.Ordinal) && !Unaligned.Contains(name))
            {
                failed.Add($"{name}: {result.Reason}");
            }
        }

        Assert.That(failed, Is.Empty);
        Assert.That(passed, Is.EqualTo(passing));
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
            string.Join(' ', Conformance.Find(folder.Root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)),
            Is.EqualTo("a b c d").Or.EqualTo("again b c d"));
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
            Assert.That(Compare(Real.NaNF32, Real.NaNF32), Is.Empty);
            Assert.That(Compare(Real.NaNF32, 0f), Is.Not.Empty);
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

    [Test]
    public void A_test_is_skipped_only_where_all_that_it_lacks_is_out_of_scope()
    {
        using Folder folder = new();
        string test = Path.Combine(folder.Root, "t");
        Directory.CreateDirectory(Path.Combine(test, "test_data_set_0"));
        ConformanceResult Run(params string[] operators)
        {
            ModelProto model = Made.Plain();
            model.Graph.Node.Add(operators.Select((op, i) => Made.Node(op, ["x"], [$"z{i}"])));
            folder.Write("t/model.onnx", model.ToByteArray());
            return new Conformance(0, 0).Run(test, new ReferenceBackend(), CancellationToken.None);
        }

        Assert.That(Run("StringConcat").IsSkipped, Is.True);
        Assert.That(Run("StringConcat").Reason, Does.EndWith("(StringConcat): the operator is out of scope: texts are no tensors"));
        Assert.That(Run("StringConcat", "Frobnicate").IsSkipped, Is.False);
        Assert.That(Run("Frobnicate").IsSkipped, Is.False);
        Assert.That(Run().IsSkipped, Is.False, "no inputs are given");
    }

    private static Tensor Of<T>(T value)
        where T : unmanaged => Tensor.Of(value is float ? DType.F32 : DType.I64, new Shape(1), value);
}
