using System.Diagnostics;
using System.Runtime.CompilerServices;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Files made to hurt: refused by our own exceptions, in bounded time and memory.</summary>
internal sealed class HostileTests
{
    private const long FixedBytes = 16L << 20;
    private const long BytesPerByte = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Victims =
        ["mnist-factorio-int8dyn", "mnist-cntk-op8", "mlperf-kws-dscnn-int8-qop", "mlperf-resnet8-int8-qdq", "mnist-factorio-fp32"];

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
            loaded += Survives(Mutate(original, other, random), $"{name}, part {part}, mutant {i}") ? 1 : 0;
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
                loaded += Survives(model.ToByteArray(), $"{files[index]}, mutant {i}") ? 1 : 0;
                tried++;
            }
        }

        Assert.That(loaded, Is.GreaterThan(tried / 8), "the changes are too wild to reach the import");
        TestContext.Out.WriteLine($"{loaded} of {tried} mutants load");
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

        Assert.That(Refusal(model.ToByteArray()), Does.Contain("the names of the written out functions and bodies have more than").Or.Contain("the model has more than"));
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
        Assert.That(Survives(model.ToByteArray(), "a shared attribute"), Is.True);
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
    public void Damage_in_a_tensor_file_is_refused()
    {
        using Folder folder = new();
        Adversarial random = new(7100);
        string path = Path.Combine(folder.Root, "t.pb");
        TensorFile.Write(path, "t", Tensor.Of<float>(DType.F32, new Shape(2, 3), 1, 2, 3, 4, 5, 6));
        byte[] original = File.ReadAllBytes(path);
        for (int i = 0; i < 2000; i++)
        {
            File.WriteAllBytes(path, Mutate(original, original, random));
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

    // Loads, and makes a graph for inputs of zeros. True when it loads.
    private static bool Survives(byte[] file, string what)
    {
        Stopwatch watch = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool loads = false;
        try
        {
            OnnxModel model = OnnxModel.Parse(file);
            loads = true;
            long loaded = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(loaded, Is.LessThan(FixedBytes + (BytesPerByte * file.Length)), $"{what}: bytes to load");
            if (Inputs(model) is { } inputs)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                Assert.That(model.Specialize(inputs), Is.Not.Null);
            }
        }
        catch (Exception refusal) when (refusal is InvalidModelException or UnsupportedModelException)
        {
            Assert.That(refusal.Message, Is.Not.Empty);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(FixedBytes + (BytesPerByte * file.Length)), $"{what}: bytes");
        Assert.That(watch.Elapsed, Is.LessThan(Patience), what);
        return loads;
    }

    private static Dictionary<string, Tensor>? Inputs(OnnxModel model)
    {
        Dictionary<string, Tensor> inputs = [];
        foreach (OnnxValue value in model.Inputs)
        {
            long[] extents = [.. (value.Dimensions ?? []).Select(dimension => dimension.Extent ?? 2)];
            Int128 elements = extents.Aggregate((Int128)1, (product, extent) => product * Math.Max(1, extent));
            if (extents.Length > Limits.Rank || elements > 1 << 20)
            {
                return null;
            }

            TensorType type = new(value.DType, new Shape(extents));
            inputs[value.Name] = new Tensor(type, new byte[type.Bytes]);
        }

        return inputs;
    }

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

    private static byte[] Mutate(byte[] original, byte[] other, Adversarial random)
    {
        List<byte> bytes = [.. original];
        for (int times = random.Below(4); times >= 0; times--)
        {
            int at = Where(bytes.Count, random);
            int to = Math.Min(bytes.Count, at + random.Below(64));
            switch (random.Below(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Below(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Below(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    bytes.RemoveRange(at, to - at);
                    break;
                case 4:
                    bytes.InsertRange(Where(bytes.Count, random), bytes.GetRange(at, to - at));
                    break;
                case 5:
                    int from = Where(other.Length, random);
                    bytes.InsertRange(at, other[from..Math.Min(other.Length, from + random.Below(64))]);
                    break;
                default:
                    bytes.InsertRange(at, random.Of<byte[]>(
                        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x08], [0x00], [0x7F]));
                    break;
            }

            if (bytes.Count == 0)
            {
                return [];
            }
        }

        return [.. bytes];
    }

    // Structure is at the ends of the files: half of the places are there.
    private static int Where(int length, Adversarial random) => random.Below(4) switch
    {
        0 => random.Below(Math.Min(length, 2048)),
        1 => length - 1 - random.Below(Math.Min(length, 2048)),
        _ => random.Below(length),
    };

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
