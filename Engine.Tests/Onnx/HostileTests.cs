using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Import;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Files made to hurt: refused by our own exceptions, in bounded time and memory.</summary>
internal sealed class HostileTests
{
    private const long BytesPerByte = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Victims =
        ["mnist-factorio-int8dyn", "mnist-cntk-op8", "mlperf-kws-dscnn-int8-qop", "mlperf-resnet8-int8-qdq", "mnist-factorio-fp32"];

    private static readonly string[] Originals = ["models-open", "onnx-open"];

    [Test]
    public void Mutated_models_load_or_are_refused([ValueSource(nameof(Victims))] string name, [Range(0, 3)] int part)
    {
        const int Count = 500;
        byte[] original = Victim(name);
        byte[] other = Victim(Victims[part]);
        Adversarial random = new(7001 + (ulong)part);
        int loaded = 0;
        for (int i = 0; i < Count; i++)
        {
            loaded += Mutants.Survives(Mutants.Of(original, other, random), $"{name}, part {part}, mutant {i}") ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{loaded} of {Count} mutants load");
        Assert.That(loaded, Is.InRange(1, Count - 1));
    }

    [Test]
    public void Models_changed_in_meaning_load_or_are_refused([Range(0, 7)] int part)
    {
        Adversarial random = new(7050 + (ulong)part);
        string folder = Path.Combine(TestData.Folder("onnx-open"), "onnx-open");
        string[] files = [.. Directory.GetFiles(folder, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        int loaded = 0;
        int tried = 0;
        for (int index = part; index < files.Length; index += 8)
        {
            byte[] original = File.ReadAllBytes(files[index]);
            for (int i = 0; i < 12 && original.Length < 1 << 16; i++)
            {
                ModelProto model = ModelProto.Parser.ParseFrom(original);
                Rewrite.Some(model, random);
                loaded += Mutants.Survives(model.ToByteArray(), $"{files[index]}, mutant {i}") ? 1 : 0;
                tried++;
            }
        }

        Assert.That(loaded, Is.GreaterThan(tried / 8), "the changes are too wild to reach the import");
        TestContext.Out.WriteLine($"{loaded} of {tried} mutants load");
    }

    [Test]
    public void Models_with_bodies_changed_in_meaning_load_or_are_refused([Range(0, 4)] int which)
    {
        const int Count = 1500;
        Adversarial random = new(7060 + (ulong)which);
        int loaded = 0;
        for (int i = 0; i < Count; i++)
        {
            ModelProto model = ModelProto.Parser.ParseFrom(Flows.Files[which]);
            Rewrite.Some(model, random);
            loaded += Mutants.Survives(model.ToByteArray(), $"flow {which}, mutant {i}") ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{loaded} of {Count} mutants load");
        Assert.That(loaded, Is.InRange(Count / 8, Count - 1));
    }

    [Test]
    public void Mutated_models_with_bodies_load_or_are_refused([Range(0, 4)] int which)
    {
        const int Count = 500;
        Adversarial random = new(7070 + (ulong)which);
        int loaded = 0;
        for (int i = 0; i < Count; i++)
        {
            loaded += Mutants.Survives(Mutants.Of(Flows.Files[which], Flows.Files[(which + 1) % 5], random), $"flow {which}, mutant {i}") ? 1 : 0;
        }

        Assert.That(loaded, Is.InRange(1, Count - 1));
    }

    /// <summary>Not part of the ordinary run: <c>bench/fuzz.sh [COUNT] [SEED]</c>.</summary>
    [Test]
    [Explicit("bench/fuzz.sh")]
    public void Many_mutants_load_or_are_refused()
    {
        static int Number(string name, int otherwise)
            => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
        int count = Number("VC_FUZZ_COUNT", 100_000);
        int seed = Number("VC_FUZZ_SEED", 1);
        string[] folders = [.. Originals.Select(name => Path.Combine(TestData.Folder(name), name))];
        byte[][] originals = [.. folders.SelectMany(folder => Directory.GetFiles(folder, "model.onnx", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Where(file => file.Length < 2 << 20), .. Flows.Files];
        Adversarial random = new((ulong)seed);
        Stopwatch watch = Stopwatch.StartNew();
        TimeSpan longest = TimeSpan.Zero;
        int loaded = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] original = originals[i % originals.Length];
            byte[] mutant;
            if (random.Below(2) == 0)
            {
                mutant = Mutants.Of(original, originals[random.Below(originals.Length)], random);
            }
            else
            {
                ModelProto model = ModelProto.Parser.ParseFrom(original);
                Rewrite.Some(model, random);
                mutant = model.ToByteArray();
            }

            TimeSpan start = watch.Elapsed;
            loaded += Mutants.Survives(mutant, $"seed {seed}, mutant {i}", random) ? 1 : 0;
            longest = watch.Elapsed - start > longest ? watch.Elapsed - start : longest;
            if ((i + 1) % 10_000 == 0)
            {
                TestContext.Progress.WriteLine($"{i + 1} mutants, {loaded} loaded, {watch.Elapsed.TotalSeconds:0} s");
            }
        }

        TestContext.Progress.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {count} mutants of {originals.Length} models, {loaded} loaded, {count - loaded} refused with a message, 0 crashes; "
            + $"longest {longest.TotalSeconds:0.0} s"));
    }

    [Test]
    public void Deep_nesting_is_refused()
    {
        foreach (int depth in new[] { 32, 100, 10_000 })
        {
            byte[] type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } }.ToByteArray();
            for (int i = 0; i < depth; i++)
            {
                type = Field(4, Field(1, type));
            }

            byte[] model = Field(7, Field(11, [.. Field(1, "x"u8.ToArray()), .. Field(2, type)]));
            Assert.That(
                Refusal(model), Does.Contain($"messages are nested deeper than {OnnxLimits.Depth}"), $"{depth} sequences");
        }
    }

    [Test]
    public void Nested_subgraphs_are_refused()
    {
        GraphProto graph = Made.Plain().Graph;
        for (int i = 0; i < 40; i++)
        {
            graph = Made.Graph(
                [], [Made.Value("y", DType.F32)], Made.Node("If", ["c"], ["y"], new AttributeProto { Name = "then_branch", Type = 5, G = graph }));
        }

        Assert.That(Refusal(Made.Model(graph).ToByteArray()), Is.EqualTo($"messages are nested deeper than {OnnxLimits.Depth}"));
    }

    [Test]
    public void Millions_of_tiny_messages_are_refused_before_they_are_made()
    {
        byte[] node = Field(1, []);
        byte[] nodes = new byte[node.Length * (OnnxLimits.Items + 2)];
        for (int at = 0; at < nodes.Length; at += node.Length)
        {
            node.CopyTo(nodes, at);
        }

        Assert.That(Refusal(Field(7, nodes)), Is.EqualTo($"the file has more than {OnnxLimits.Items} messages and texts"));
    }

    [Test]
    public void Packed_integers_are_counted_before_they_are_made()
    {
        byte[] packed = new byte[OnnxLimits.VarintBytes + 1];
        Assert.That(
            Refusal(Field(7, Field(5, Field(7, packed)))),
            Is.EqualTo($"the file has more than {OnnxLimits.VarintBytes} bytes of integers outside raw data"));
    }

    [Test]
    public void Long_names_are_refused()
    {
        ModelProto model = Made.Plain();
        model.Graph.Node[0].Name = new string('n', OnnxLimits.TextBytes + 1);
        Assert.That(Refusal(model.ToByteArray()), Is.EqualTo($"a text of {OnnxLimits.TextBytes + 1} bytes is above the limit of {OnnxLimits.TextBytes}"));
    }

    [Test]
    public void Functions_cannot_multiply_without_end([Values(0, 1)] int leaves)
    {
        ModelProto model = Made.Plain();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "f", Version = 1 });
        model.Graph.Node[0] = Call(0, "x", "y");
        for (int level = 0; level < 30; level++)
        {
            FunctionProto function = new()
            {
                Name = $"f{level}",
                Domain = "f",
                Input = { "a" },
                Output = { "b" },
                OpsetImport = { new OperatorSetIdProto { Domain = "f", Version = 1 }, new OperatorSetIdProto { Version = 20 } },
            };
            if (level < 29)
            {
                function.Node.Add([Call(level + 1, "a", "c"), Call(level + 1, "c", "b")]);
            }
            else if (leaves > 0)
            {
                function.Node.Add(Made.Node("Relu", ["a"], ["b"]));
            }

            model.Functions.Add(function);
        }

        Assert.That(
            Refusal(model.ToByteArray()),
            Does.Contain("the names of the written out functions and bodies have more than").Or.Contain("the model has more than"));
    }

    [Test]
    public void Functions_cannot_multiply_their_attributes()
    {
        ModelProto model = Made.Plain();
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "f", Version = 1 });
        for (int i = 0; i < 1000; i++)
        {
            model.Graph.Node.Add(new NodeProto { OpType = "f", Domain = "f", Output = { $"o{i}" } });
        }

        model.Functions.Add(new FunctionProto
        {
            Name = "f",
            Domain = "f",
            Output = { "b" },
            OpsetImport = { new OperatorSetIdProto { Version = 20 } },
            Node =
            {
                Made.Node("Constant", [], ["b"], Made.Ints("value_ints", new long[100_000])),
                Made.Node("Constant", [], ["c"], Made.Tensor("value", Made.Raw(string.Empty, DType.F32, [100_000], new byte[400_000]))),
            },
        });
        Assert.That(Mutants.Survives(model.ToByteArray(), "a shared attribute"), Is.True);
    }

    [Test]
    public void Cycle_of_many_nodes_is_told_briefly()
    {
        const int Nodes = 50_000;
        ModelProto model = Made.Plain();
        for (int i = 0; i < Nodes; i++)
        {
            model.Graph.Node.Add(Made.Node("Relu", [$"v{i}"], [$"v{(i + 1) % Nodes}"]));
        }

        string refusal = Refusal(model.ToByteArray());
        Assert.That(refusal, Does.StartWith("the graph has a cycle: ").And.EndsWith($"({Nodes} nodes)"));
        Assert.That(refusal, Has.Length.LessThan(1000));
    }

    [Test]
    public void Tables_are_refused_before_they_take_memory()
    {
        Tensor x = OneNode.F32([1, 1, 1, 1], 1);
        const long Many = 1 << 20;
        Tensor size = OneNode.I64(1, 1, Many, 100);
        Assert.Multiple(() =>
        {
            Refuses("a table of", new("Resize", 18, Made.Text("mode", "linear")), x, null, null, OneNode.I64(1, 1, 1, 1 << 30));
            Refuses("a table of", new("AffineGrid", 20), OneNode.F32([1, 2, 3], 1, 0, 0, 0, 1, 0), size);
            Refuses("a table of", new("MelWeightMatrix", 17), [.. new[] { Many, Many, 8000, 0, 4000 }.Select(Small.Scalar)]);
        });

        static void Refuses(string message, OneNode node, params Tensor?[] inputs)
            => Assert.That(() => node.Graph(inputs), Throws.TypeOf<UnsupportedModelException>().With.Message.Contains(message), node.Op);
    }

    [Test]
    public void Pairs_of_boxes_are_counted_and_boxes_of_nothing_take_no_time()
    {
        const int Boxes = 64;
        BoxChoice choice = new(IsCentred: false, Most: 1 << 20, Overlap: 0, Least: null);
        Assert.That(choice.Of(OneNode.F32([1 << 20, 0, 4]), OneNode.F32([1 << 20, 1 << 20, 0]), _ => Assert.Fail("no boxes")), Is.Empty);
        float[] apart = [.. Enumerable.Range(0, Boxes).SelectMany(i => new float[] { 2 * i, 0, (2 * i) + 1, 1 })];
        long spent = 0;
        choice.Of(OneNode.F32([1, Boxes, 4], apart), OneNode.Ramp(1, 1, Boxes), work => spent += work);
        Assert.That(spent, Is.EqualTo(Boxes * (Boxes - 1) / 2));
    }

    [Test]
    public void Outputs_of_bodies_count_as_often_as_they_are_kept()
    {
        GraphProto body = Made.Graph(
            [Made.Name("i"), Made.Name("c")], [Made.Name("c"), .. Enumerable.Repeat(0, 5000).Select(_ => Made.Name("x"))]);
        ModelProto model = Made.Model(Made.Graph(
            [Made.Value("x", DType.F32)], [Made.Name("y")], Small.Constant("n", 100_000), Made.Node("Loop", ["n", ""], ["y"], Made.Body("body", body))));
        Assert.That(
            () => OnnxModel.Parse(model.ToByteArray()).Specialize(new Dictionary<string, Tensor> { ["x"] = OneNode.F32([], 1) }),
            Throws.TypeOf<UnsupportedModelException>().With.Message.Contains("the names in the unrolled bodies have more than"));
    }

    [Test]
    public void Damage_in_a_tensor_file_is_refused()
    {
        using Folder folder = new();
        Adversarial random = new(7100);
        string path = Path.Combine(folder.Root, "t.pb");
        TensorFile.Write(path, "t", Tensor.Of<float>(DType.F32, new Shape(2, 3), 1, 2, 3, 4, 5, 6));
        byte[] original = File.ReadAllBytes(path);
        for (int i = 0; i < 2000; i++)
        {
            File.WriteAllBytes(path, Mutants.Of(original, original, random));
            try
            {
                TensorFile.Read(path);
            }
            catch (Exception refusal) when (refusal is InvalidModelException or UnsupportedModelException)
            {
                Assert.That(refusal.Message, Is.Not.Empty);
            }
        }
    }

    private static byte[] Victim(string name)
        => File.ReadAllBytes(Path.Combine(TestData.Folder("models-open"), "models-open", name, "model.onnx"));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Refusal(byte[] file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch watch = Stopwatch.StartNew();
        InvalidModelException refusal = Assert.Throws<InvalidModelException>(() => OnnxModel.Parse(file))!;
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan((1L << 30) + (BytesPerByte * file.Length)));
        Assert.That(watch.Elapsed, Is.LessThan(Patience));
        return refusal.Defects[0];
    }

    private static byte[] Field(int number, byte[] content)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(content));
        }

        return stream.ToArray();
    }

    private static NodeProto Call(int level, string input, string output)
        => new() { OpType = $"f{level}", Domain = "f", Input = { input }, Output = { output } };
}
