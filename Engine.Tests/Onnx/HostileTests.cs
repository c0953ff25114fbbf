using System.Diagnostics;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Files that are wrong on purpose: each is refused with its reason, within bounds of time and memory.</summary>
internal sealed class HostileTests
{
    private const int F32 = 1;
    private const int I64 = 7;

    private const long MostBytes = 256L << 20;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(5);

    [Test]
    public void A_sound_model_loads() => Assert.That(OnnxModel.Parse(Sound().ToByteArray()).NodeCount, Is.EqualTo(1));

    [Test]
    public void Every_truncation_is_refused_or_loads()
    {
        byte[] bytes = Sound().ToByteArray();
        int refused = 0;
        for (int length = 0; length < bytes.Length; length++)
        {
            refused += IsRefused(bytes[..length]) ? 1 : 0;
        }

        Assert.That(refused, Is.GreaterThan(bytes.Length / 2));
        Refuses<InvalidModelException>(bytes[..^1], "truncated or damaged");
        Refuses<InvalidModelException>([], "no graph");
    }

    [Test]
    public void Names_are_checked()
    {
        Invalid(model => model.Graph.Node[0].Input[0] = "nowhere", "input 'nowhere' is not defined");
        Invalid(model => model.Graph.Output[0].Name = "nowhere", "output 'nowhere' is not defined");
        Invalid(model => model.Graph.Node.Add(model.Graph.Node[0].Clone()), "value 'y' is defined twice");
        Invalid(model => model.Graph.Input.Add(model.Graph.Input[0].Clone()), "value 'x' is defined twice");
        Invalid(model => model.Graph.Initializer.Add(model.Graph.Initializer[0].Clone()), "initializer 'w' is defined twice");
        Invalid(model => model.Graph.Output.Add(model.Graph.Output[0].Clone()), "output 'y' occurs twice");
        Invalid(model => model.Graph.Output.Clear(), "the graph has no output");
        Invalid(model => model.OpsetImport.Clear(), "the model imports no opset");
    }

    [Test]
    public void Cycles_are_shown() => Invalid(
        model =>
        {
            model.Graph.Node[0].Input[0] = "z";
            model.Graph.Node.Add(Call("Relu", "z", "y"));
        },
        "the graph has a cycle");

    [Test]
    public void Dims_are_checked()
    {
        Invalid(model => Dims(model, -1), "initializer 'w'");
        Refused(model => Dims(model, long.MaxValue), "initializer 'w'");
        Refused(model => Dims(model, 1L << 40), "initializer 'w'");
        Refused(model => Dims(model, 1L << 32, 1L << 32), "initializer 'w'");
        Refused(model => Dims(model, 1, 1, 1, 1, 1, 1, 1, 1, 2), "rank 9");
        Invalid(model => model.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = -7, "an extent of -7");
    }

    [Test]
    public void Data_is_compared_with_dims()
    {
        Invalid(model => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[7]), "needs 8 bytes of raw_data, got 7");
        Invalid(model => model.Graph.Initializer[0].FloatData.Add(1f), "data in more than one field");
        Invalid(model => Typed(model).FloatData.Add(1f), "needs 2 elements, got 1");
        Invalid(model => Typed(model).Int32Data.Add([1, 2]), "cannot be in int32_data");
        Refused(model => model.Graph.Initializer[0].DataType = 8, "string");
        Invalid(model => model.Graph.Initializer[0].DataType = 99, "element type 99 does not exist");
        Invalid(model => model.Graph.Initializer[0].DataType = I64, "needs 16 bytes of raw_data, got 8");
    }

    [Test]
    public void Types_of_operands_and_outputs_are_checked()
    {
        ModelProto mixed = Sound();
        mixed.Graph.Input[0].Type.TensorType.ElemType = I64;
        OnnxModel model = OnnxModel.Parse(mixed.ToByteArray());
        Assert.That(() => model.Specialize(Tensor.Of<long>(DType.I64, new Shape(2), 1, 2)), Throws.InstanceOf<InvalidModelException>());
        OnnxModel sound = OnnxModel.Parse(Sound().ToByteArray());
        Assert.That(() => sound.Specialize(Tensor.Of<long>(DType.I64, new Shape(2), 1, 2)), Throws.ArgumentException);
        Assert.That(() => sound.Specialize(Tensor.Of<float>(DType.F32, new Shape(3), 1, 2, 3)), Throws.ArgumentException);
    }

    [Test]
    public void All_that_is_unsupported_is_listed_at_once()
    {
        ModelProto model = Sound();
        model.IrVersion = 99;
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.example", Version = 1 });
        model.Graph.Node.Add(Call("NoSuchOperator", "a", "x"));
        NodeProto foreign = Call("Relu", "b", "x");
        foreign.Domain = "com.example";
        model.Graph.Node.Add(foreign);
        NodeProto odd = Call("Relu", "c", "x");
        odd.Attribute.Add(new AttributeProto { Name = "odd", Type = 2, I = 1 });
        model.Graph.Node.Add(odd);
        Refuses<UnsupportedModelException>(
            model.ToByteArray(), "IR version 99", "NoSuchOperator", "com.example.Relu", "attribute 'odd' is not supported");
        Refused(proto => proto.OpsetImport[0].Version = 9999, "opset 9999 is not supported");
        Invalid(proto => proto.Graph.Node[0].Domain = "com.absent", "domain 'com.absent' is not imported");
    }

    [Test]
    public void Deep_nesting_is_refused()
    {
        GraphProto graph = new() { Name = "leaf" };
        for (int depth = 0; depth < OnnxLimits.Depth; depth++)
        {
            NodeProto node = Call("If", $"o{depth}", "x");
            node.Attribute.Add(new AttributeProto { Name = "then_branch", Type = 5, G = graph });
            graph = new GraphProto();
            graph.Node.Add(node);
        }

        Refuses<InvalidModelException>(new ModelProto { IrVersion = 8, Graph = graph }.ToByteArray(), "nested deeper");
    }

    [Test]
    public void External_data_stays_in_its_folder()
    {
        string outer = Path.Combine(TestContext.CurrentContext.WorkDirectory, Path.GetRandomFileName());
        string folder = Path.Combine(outer, "model");
        Directory.CreateDirectory(folder);
        try
        {
            File.WriteAllBytes(Path.Combine(outer, "secret.bin"), new byte[64]);
            File.WriteAllBytes(Path.Combine(folder, "w.bin"), new byte[16]);
            File.CreateSymbolicLink(Path.Combine(folder, "link.bin"), Path.Combine(outer, "secret.bin"));
            Directory.CreateSymbolicLink(Path.Combine(folder, "sub"), outer);
            Assert.That(External(folder, "w.bin", "8", "8"), Is.Empty);
            Assert.That(External(folder, "../secret.bin"), Does.Contain("leaves the model's folder"));
            Assert.That(External(folder, "sub/secret.bin"), Does.Contain("leaves the model's folder"));
            Assert.That(External(folder, "link.bin"), Does.Contain("leaves the model's folder"));
            Assert.That(External(folder, Path.Combine(outer, "secret.bin")), Does.Contain("leaves the model's folder"));
            Assert.That(External(folder, "absent.bin"), Does.Contain("does not exist"));
            Assert.That(External(folder, string.Empty), Does.Contain("without a location"));
            Assert.That(External(folder, "w.bin", "9"), Does.Contain("lie outside its 16 bytes"));
            Assert.That(External(folder, "w.bin", "9223372036854775807"), Does.Contain("lie outside"));
            Assert.That(External(folder, "w.bin", "-1"), Does.Contain("is not a number"));
            Assert.That(External(folder, "w.bin", "0", "1000"), Does.Contain("needs 8 bytes of external data, got 1000"));
            Assert.That(
                () => OnnxModel.Parse(WithExternal("w.bin", "0", "8").ToByteArray()),
                Throws.InstanceOf<InvalidModelException>().With.Message.Contains("external data is not allowed here"));
        }
        finally
        {
            Directory.Delete(outer, recursive: true);
        }
    }

    [Test]
    public void Mutated_models_load_or_are_refused()
    {
        string models = TestData.Folder("models-open");
        string nodes = TestData.Folder("onnx-open");
        byte[][] seeds =
        [
            File.ReadAllBytes(Found(models, "mnist-cntk-op8")),
            File.ReadAllBytes(Found(models, "mlperf-kws-dscnn-int8-qop")),
            File.ReadAllBytes(Found(models, "mnist-factorio-int8dyn")),
            File.ReadAllBytes(Found(nodes, "test_reshape_reordered_all_dims")),
            File.ReadAllBytes(Found(nodes, "test_slice")),
            File.ReadAllBytes(Found(nodes, "test_qlinearconv")),
        ];
        Draw random = new(20261);
        int refused = 0;
        long mostBytes = 0;
        TimeSpan mostTime = TimeSpan.Zero;
        for (int round = 0; round < 10_000; round++)
        {
            byte[] mutant = Mutated(seeds[round % seeds.Length], seeds[random.Next(seeds.Length)], random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Stopwatch time = Stopwatch.StartNew();
            refused += IsRefused(mutant) ? 1 : 0;
            mostBytes = Math.Max(mostBytes, GC.GetAllocatedBytesForCurrentThread() - before);
            mostTime = time.Elapsed > mostTime ? time.Elapsed : mostTime;
            Assert.That(mostBytes, Is.LessThan(MostBytes), $"round {round}");
            Assert.That(mostTime, Is.LessThan(MostTime), $"round {round}");
        }

        TestContext.Out.WriteLine($"{refused} of 10000 refused; at most {mostBytes >> 10} KiB and {mostTime.TotalMilliseconds:F0} ms");
        Assert.That(refused, Is.InRange(1000, 9999));
    }

    // Whether a model is refused at loading or for inputs as it declares them; any other exception ends the test.
    private static bool IsRefused(byte[] bytes)
    {
        try
        {
            OnnxModel model = OnnxModel.Parse(bytes);
            TensorType[] types = [.. model.Inputs.Select(Example)];
            if (types.Sum(type => Math.Min(type.Elements, 1 << 20)) < 1 << 20)
            {
                model.Specialize([.. types.Select(type => new Tensor(type, new byte[type.Bytes]))]);
            }

            return false;
        }
        catch (Exception refusal) when (refusal is UnsupportedModelException or InvalidModelException or ArgumentException)
        {
            return true;
        }
    }

    private static TensorType Example(OnnxValue input)
        => new(input.DType, new Shape([.. (input.Dimensions ?? []).Select(dimension => dimension.Extent ?? 1)]));

    private static byte[] Mutated(byte[] seed, byte[] other, Draw random)
    {
        byte[] bytes = [.. seed];
        for (int edits = random.Next(1, 4); edits > 0 && bytes.Length > 1; edits--)
        {
            // Half of the edits fall on the first bytes, where structure is denser than weights.
            int at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Length, 1024) : bytes.Length);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when random.Next(4) == 0:
                    bytes = bytes[..at];
                    break;
                case 2:
                    int from = random.Next(other.Length);
                    bytes = [.. bytes[..at], .. other.AsSpan(from, Math.Min(other.Length - from, random.Next(64))), .. bytes[at..]];
                    break;
                case 3:
                    bytes[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)random.Next(128);
                    break;
                default:
                    bytes[at] = unchecked((byte)(bytes[at] + random.Next(-2, 3)));
                    break;
            }
        }

        return bytes;
    }

    private static string Found(string root, string name)
        => Path.Combine(Directory.GetDirectories(root, name, SearchOption.AllDirectories).Order(StringComparer.Ordinal).First(), "model.onnx");

    private static void Invalid(Action<ModelProto> change, params string[] reasons)
    {
        ModelProto model = Sound();
        change(model);
        Refuses<InvalidModelException>(model.ToByteArray(), reasons);
    }

    private static void Refused(Action<ModelProto> change, string reason)
    {
        ModelProto model = Sound();
        change(model);
        Assert.That(
            () => OnnxModel.Parse(model.ToByteArray()),
            Throws.InstanceOf<UnsupportedModelException>().Or.InstanceOf<InvalidModelException>().With.Message.Contains(reason));
    }

    private static void Refuses<T>(byte[] bytes, params string[] reasons)
        where T : Exception
    {
        T refusal = Assert.Throws<T>(() => OnnxModel.Parse(bytes))!;
        foreach (string reason in reasons)
        {
            Assert.That(refusal.Message, Does.Contain(reason));
        }
    }

    private static string External(string folder, string location, string? offset = null, string? length = null)
    {
        string path = Path.Combine(folder, "model.onnx");
        File.WriteAllBytes(path, WithExternal(location, offset, length).ToByteArray());
        return OnnxModel.TryLoad(path, out _, out Exception? refusal) ? string.Empty : $"{refusal.GetType().Name}: {refusal.Message}";
    }

    private static ModelProto WithExternal(string location, string? offset, string? length)
    {
        ModelProto model = Sound();
        TensorProto weights = Typed(model);
        weights.DataLocation = 1;
        weights.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        if (offset is not null)
        {
            weights.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset });
        }

        if (length is not null)
        {
            weights.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length });
        }

        return model;
    }

    // The sound model's weights without their data.
    private static TensorProto Typed(ModelProto model)
    {
        model.Graph.Initializer[0].ClearRawData();
        return model.Graph.Initializer[0];
    }

    private static void Dims(ModelProto model, params long[] dims)
    {
        model.Graph.Initializer[0].Dims.Clear();
        model.Graph.Initializer[0].Dims.AddRange(dims);
    }

    // y = x + w over two floats.
    private static ModelProto Sound()
    {
        GraphProto graph = new() { Name = "g" };
        graph.Input.Add(Value("x"));
        graph.Output.Add(Value("y"));
        TensorProto weights = new() { Name = "w", DataType = F32, RawData = ByteString.CopyFrom(new byte[8]) };
        weights.Dims.Add(2);
        graph.Initializer.Add(weights);
        graph.Node.Add(Call("Add", "y", "x", "w"));
        ModelProto model = new() { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = string.Empty, Version = 17 });
        return model;
    }

    private static NodeProto Call(string op, string output, params string[] inputs)
    {
        NodeProto node = new() { OpType = op, Name = $"make_{output}" };
        node.Output.Add(output);
        node.Input.AddRange(inputs);
        return node;
    }

    private static ValueInfoProto Value(string name)
    {
        TensorShapeProto shape = new();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = 2 });
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = F32, Shape = shape } },
        };
    }

    // The same numbers everywhere, by the step of SplitMix64.
    private sealed class Draw(ulong seed)
    {
        private ulong _state = seed;

        public int Next(int bound) => Next(0, bound);

        public int Next(int low, int bound)
        {
            unchecked
            {
                _state += 0x9E37_79B9_7F4A_7C15;
                ulong mixed = (_state ^ (_state >> 30)) * 0xBF58_476D_1CE4_E5B9;
                mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
                return low + (int)((mixed >> 33) % (ulong)(bound - low));
            }
        }
    }
}
