using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Every kind of defect is refused with its message, and all defects of a model are told at once.</summary>
internal sealed class DefectTests
{
    private static IEnumerable<TestCaseData> Malformed()
    {
        static TestCaseData Case(string name, string message, Action<ModelProto> spoil) => new TestCaseData(message, spoil).SetName($"Malformed: {name}");
        yield return Case("no graph", "the file has no graph", model => model.Graph = null);
        yield return Case("no opset", "the model imports no opset\n  node 'n_y' (Relu): domain '' is not imported", model => model.OpsetImport.Clear());
        yield return Case("no output", "the graph has no output", model => model.Graph.Output.Clear());
        yield return Case("domain", "node 'n_y' (com.x.Relu): domain 'com.x' is not imported", model => model.Graph.Node[0].Domain = "com.x");
        yield return Case("undefined", "node 'n_y' (Relu): input 'z' is not defined", model => model.Graph.Node[0].Input[0] = "z");
        yield return Case("undefined output", "output 'z' is not defined", model => model.Graph.Output[0].Name = "z");
        yield return Case("twice", "node 'n_y' (Relu): value 'y' is defined twice", model => model.Graph.Node.Add(Made.Node("Relu", ["x"], ["y"])));
        yield return Case("output twice", "output 'y' occurs twice", model => model.Graph.Output.Add(model.Graph.Output[0]));
        yield return Case("shadowed input", "node 'n_x' (Constant): value 'x' is defined twice", model =>
            model.Graph.Node.Add(Made.Node("Constant", [], ["x"], Made.Int("value_int", 1))));
        yield return Case("input twice", "input 'x': value 'x' is defined twice", model => model.Graph.Input.Add(model.Graph.Input[0]));
        yield return Case("input without name", "input '': a value without a name", model => model.Graph.Input.Add(Made.Value(string.Empty, DType.F32)));
        yield return Case("input without type", "input 'z' has no type", model => model.Graph.Input.Add(new ValueInfoProto { Name = "z" }));
        yield return Case("input with an empty type", "input 'z' has no type", model =>
            model.Graph.Input.Add(new ValueInfoProto { Name = "z", Type = new TypeProto() }));
        yield return Case("cycle", "the graph has a cycle: node 'n_b' (Relu) -> node 'n_a' (Relu) -> node 'n_b' (Relu)", model =>
            model.Graph.Node.Add([Made.Node("Relu", ["a"], ["b"]), Made.Node("Relu", ["b"], ["a"])]));
        yield return Case("self", "the graph has a cycle: node 'n_a' (Relu) -> node 'n_a' (Relu)", model =>
            model.Graph.Node.Add(Made.Node("Relu", ["a"], ["a"])));
        yield return Case("negative declared extent", "input 'x': an extent of -2", model => model.Graph.Input[0] = Made.Value("x", DType.F32, -2));
        yield return Case("unknown declared type", "input 'x': element type 77 does not exist", model => model.Graph.Input[0] = Made.Value("x", 77, 2));
        yield return Case("operand count", "node 'n_y' (Relu): 2 inputs, not 1, or a required one is left out", model => model.Graph.Node[0].Input.Add("x"));
        yield return Case("left out", "node 'n_y' (Relu): 1 inputs, not 1, or a required one is left out", model =>
            model.Graph.Node[0].Input[0] = string.Empty);
        yield return Case("result count", "node 'n_y' (Relu): 2 outputs, not 1 to 1", model => model.Graph.Node[0].Output.Add("z"));
        yield return Case("attribute twice", "node 'n_z' (Elu): attribute 'alpha' occurs twice", model =>
            model.Graph.Node.Add(Made.Node("Elu", ["x"], ["z"], Made.Float("alpha", 1), Made.Float("alpha", 2))));
        yield return Case("attribute kind", "node 'n_z' (Elu): attribute 'alpha' is of kind Int, not Float", model =>
            model.Graph.Node.Add(Made.Node("Elu", ["x"], ["z"], Made.Int("alpha", 1))));
        yield return Case("attribute missing", "node 'n_z' (Cast): attribute 'to' is missing", model => model.Graph.Node.Add(Made.Node("Cast", ["x"], ["z"])));
        yield return Case("attribute without value", "node 'n_z' (Constant): attribute 'value' has no value", model =>
            model.Graph.Node.Add(Made.Node("Constant", [], ["z"], new AttributeProto { Name = "value", Type = 4 })));
        yield return Case("reference outside", "attribute 'alpha' refers to 'a' outside a function", model =>
            model.Graph.Node.Add(Made.Node("Elu", ["x"], ["z"], Made.Reference("alpha", 1, "a"))));
        yield return Case("initializer twice", "initializer 'w' is defined twice", model =>
            model.Graph.Initializer.Add([Made.Vector("w", 1), Made.Vector("w", 1)]));
        yield return Case("raw length", "initializer 'w': f32[2,3] needs 24 bytes of raw_data, got 23", model =>
            model.Graph.Initializer.Add(Made.Raw("w", DType.F32, [2, 3], new byte[23])));
        yield return Case("huge without data", "initializer 'w': f32[16384,16384] needs 268435456 elements, got 0", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 16384, 16384 } }));
        yield return Case("negative dims", "initializer 'w': [2,-1] has a negative extent", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 2, -1 } }));
        yield return Case("dims overflow", "initializer 'w': [4294967296,4294967296,4294967296] has more than 1099511627776 elements", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 1L << 32, 1L << 32, 1L << 32 } }));
        yield return Case("dims overflow beside zero", "initializer 'w': [0,4294967296,4294967296] has more than 1099511627776 elements", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 0, 1L << 32, 1L << 32 } }));
        yield return Case("no element type", "initializer 'w': element type 0 does not exist", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w" }));
        yield return Case("wrong field", "initializer 'w': f32[1] cannot be in int32_data", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 1 }, Int32Data = { 1 } }));
        yield return Case("two fields", "initializer 'w': data in more than one field (float_data, int32_data)", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 1 }, Int32Data = { 1 }, FloatData = { 1 } }));
        yield return Case("element count", "initializer 'w': i64[3] needs 3 elements, got 2", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 7, Dims = { 3 }, Int64Data = { 1, 2 } }));
        yield return Case("i8 range", "initializer 'w': 128 is not a value of i8", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 3, Dims = { 1 }, Int32Data = { 128 } }));
        yield return Case("u32 range", "initializer 'w': 4294967296 is not a value of u32", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 12, Dims = { 1 }, Uint64Data = { 1UL << 32 } }));
        yield return Case("f16 range", "initializer 'w': 65536 is not a value of f16", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 10, Dims = { 1 }, Int32Data = { 65536 } }));
        yield return Case("data location", "initializer 'w': data location 5 does not exist", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, DataLocation = 5 }));
        yield return Case("external in memory", "initializer 'w': external data is not allowed here", model =>
            model.Graph.Initializer.Add(Made.External("w", [1], ("location", "w.bin"))));
        yield return Case("function twice", "function 'f' is defined twice", model =>
            model.Functions.Add([new FunctionProto { Name = "f", Domain = "d" }, new FunctionProto { Name = "f", Domain = "d" }]));
    }

    private static IEnumerable<TestCaseData> Missing()
    {
        static TestCaseData Case(string name, string message, Action<ModelProto> change) => new TestCaseData(message, change).SetName($"Unsupported: {name}");
        yield return Case("operator", "node 'n_z' (Frobnicate): the operator is not supported", model =>
            model.Graph.Node.Add(Made.Node("Frobnicate", ["x"], ["z"])));
        yield return Case("domain", "node 'n_z' (com.x.Relu): the operator is not supported", model =>
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.x", Version = 1 });
            model.Graph.Node.Add(Made.Node("Relu", ["x"], ["z"]));
            model.Graph.Node[1].Domain = "com.x";
        });
        yield return Case("new opset", "node 'n_y' (Relu): opset 99 is not supported (6 to 27)", model => model.OpsetImport[0].Version = 99);
        yield return Case("old opset", "node 'n_y' (Relu): opset 5 is not supported (6 to 27)", model => model.OpsetImport[0].Version = 5);
        yield return Case("IR version", "IR version 99 is not supported (1 to 13)", model => model.IrVersion = 99);
        yield return Case("attribute", "node 'n_y' (Relu): attribute 'alpha' is not supported in opset 25", model =>
            model.Graph.Node[0].Attribute.Add(Made.Float("alpha", 1)));
        yield return Case("attribute of another opset", "node 'n_z' (Squeeze): attribute 'axes' is not supported in opset 25", model =>
            model.Graph.Node.Add(Made.Node("Squeeze", ["x"], ["z"], Made.Ints("axes", 0))));
        yield return Case("attribute's text", "node 'n_z' (Gelu): attribute 'approximate' = 'wild' is not supported", model =>
            model.Graph.Node.Add(Made.Node("Gelu", ["x"], ["z"], Made.Text("approximate", "wild"))));
        yield return Case("attribute's number", "node 'n_z' (LayerNormalization): attribute 'stash_type' = 11 is not supported", model =>
            model.Graph.Node.Add(Made.Node("LayerNormalization", ["x", "x"], ["z"], Made.Int("stash_type", 11))));
        yield return Case("cast target", "node 'n_z' (Cast): attribute 'to': element type string is not supported", model =>
            model.Graph.Node.Add(Made.Node("Cast", ["x"], ["z"], Made.Int("to", 8))));
        yield return Case("input's element type", "input 'x': element type complex64 is not supported", model =>
            model.Graph.Input[0] = Made.Value("x", 14, 2));
        yield return Case("initializer's element type", "initializer 'w': element type float8e4m3fn is not supported", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 17 }));
        yield return Case("rank", "initializer 'w': rank 9 is above the limit of 8", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 1, 1, 1, 1, 1, 1, 1, 1, 1 } }));
        yield return Case("tensor size", "initializer 'w': f32[65536,65536] is larger than the limit of 2147483591 bytes", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Dims = { 65536, 65536 } }));
        yield return Case("segment", "initializer 'w': a tensor in segments is not supported", model =>
            model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 1, Segment = new TensorProto.Types.Segment() }));
        yield return Case("sparse", "initializer 'w': a sparse tensor is not supported", model =>
            model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = Made.Vector("w", 1) }));
        yield return Case("sequence", "input 'x': a sequence is not supported", model =>
            model.Graph.Input[0].Type = new TypeProto { SequenceType = new TypeProto.Types.Sequence() });
        yield return Case("optional", "output 'y': an optional is not supported", model =>
            model.Graph.Output[0].Type = new TypeProto { OptionalType = new TypeProto.Types.Optional() });
    }

    [TestCaseSource(nameof(Malformed))]
    public void Malformed_model_is_refused(string message, Action<ModelProto> spoil)
    {
        ModelProto model = Made.Plain();
        spoil(model);
        InvalidModelException refusal = Assert.Throws<InvalidModelException>(() => OnnxModel.Parse(model.ToByteArray()))!;
        Assert.That(refusal.Message, Is.EqualTo(Text("the model is not valid", message)));
    }

    [TestCaseSource(nameof(Missing))]
    public void Unsupported_model_is_refused(string message, Action<ModelProto> change)
    {
        ModelProto model = Made.Plain();
        change(model);
        UnsupportedModelException refusal = Assert.Throws<UnsupportedModelException>(() => OnnxModel.Parse(model.ToByteArray()))!;
        Assert.That(refusal.Message, Is.EqualTo(Text("the model is not supported", message)));
    }

    [Test]
    public void Every_unsupported_part_is_listed_at_once()
    {
        ModelProto model = Made.Plain();
        model.Graph.Node.Add([Made.Node("Foo", ["x"], ["a"]), Made.Node("Bar", ["a"], ["b"]), Made.Node("Relu", ["b"], ["c"], Made.Int("k", 1))]);
        model.Graph.Initializer.Add(new TensorProto { Name = "w", DataType = 8 });
        UnsupportedModelException refusal = Assert.Throws<UnsupportedModelException>(() => OnnxModel.Parse(model.ToByteArray()))!;
        Assert.That(refusal.Defects, Is.EqualTo(
        [
            "initializer 'w': element type string is not supported",
            "node 'n_a' (Foo): the operator is not supported",
            "node 'n_b' (Bar): the operator is not supported",
            "node 'n_c' (Relu): attribute 'k' is not supported in opset 25",
        ]));
    }

    [Test]
    public void Malformed_comes_before_unsupported()
    {
        ModelProto model = Made.Plain();
        model.Graph.Node.Add(Made.Node("Foo", ["nowhere"], ["a"]));
        InvalidModelException refusal = Assert.Throws<InvalidModelException>(() => OnnxModel.Parse(model.ToByteArray()))!;
        Assert.That(refusal.Defects, Is.EqualTo(["node 'n_a' (Foo): input 'nowhere' is not defined"]));
    }

    [Test]
    public void A_list_of_defects_ends()
    {
        ModelProto model = Made.Plain();
        for (int i = 0; i < OnnxLimits.Defects + 5; i++)
        {
            model.Graph.Node.Add(Made.Node("Foo", ["x"], [$"a{i}"]));
        }

        UnsupportedModelException refusal = Assert.Throws<UnsupportedModelException>(() => OnnxModel.Parse(model.ToByteArray()))!;
        Assert.That(refusal.Defects, Has.Length.EqualTo(OnnxLimits.Defects + 1));
        Assert.That(refusal.Defects[^1], Is.EqualTo("and 5 more"));
    }

    [Test]
    public void Truncated_file_is_refused_at_every_length()
    {
        byte[] file = Made.Plain().ToByteArray();
        for (int length = 0; length < file.Length; length++)
        {
            Assert.That(() => OnnxModel.Parse(file[..length]), Throws.TypeOf<InvalidModelException>(), $"{length} bytes");
        }

        Assert.That(
            () => OnnxModel.Parse(file[..^1]),
            Throws.TypeOf<InvalidModelException>().With.Message.StartsWith("the model is not valid: the file is truncated or damaged at byte"));
    }

    [Test]
    public void TryLoad_gives_the_reason()
    {
        using Folder folder = new();
        ModelProto model = Made.Plain();
        model.Graph.Node[0].OpType = "Foo";
        string path = folder.Write("model.onnx", model.ToByteArray());
        Assert.That(OnnxModel.TryLoad(path, out OnnxModel? loaded, out Exception? refusal), Is.False);
        Assert.That(loaded, Is.Null);
        Assert.That(refusal, Is.TypeOf<UnsupportedModelException>());
        Assert.That(() => OnnxModel.Load(path), Throws.TypeOf<UnsupportedModelException>().With.Message.EqualTo(refusal!.Message));
        Assert.That(() => OnnxModel.Load(path + "x"), Throws.InstanceOf<IOException>());
    }

    private static string Text(string what, string message)
        => message.Contains('\n', StringComparison.Ordinal) ? $"{what}:\n  {message}" : $"{what}: {message}";
}
