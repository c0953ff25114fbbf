using System.Collections.Immutable;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>From model and inputs to a concrete graph.</summary>
internal sealed class SpecializeTests
{
    [Test]
    public void Symbols_take_the_extents_that_are_given()
    {
        OnnxModel model = Parse(Made.Graph(
            [Made.Value("a", DType.F32, -1, 3), Made.Value("b", DType.F32, -1, 3)], [Made.Value("y", DType.F32, -1, 3)], Made.Node("Add", ["a", "b"], ["y"])));
        Assert.That(model.Specialize(Zeros(5, 3), Zeros(5, 3)).Outputs.Length, Is.EqualTo(1));
        Assert.That(model.Inputs.Select(input => input.ToString()), Is.EqualTo(["a: f32[N,3]", "b: f32[N,3]"]));
        Assert.Multiple(() =>
        {
            Refused(model, "input 'b' is declared f32[N,3], got f32[4,3]: 'N' is 5 in input 'a'", Zeros(5, 3), Zeros(4, 3));
            Refused(model, "input 'a' is declared f32[N,3], got f32[5,4]", Zeros(5, 4), Zeros(5, 3));
            Refused(model, "input 'a' is declared f32[N,3], got f32[5]", Zeros(5), Zeros(5, 3));
            Refused(model, "input 'b' is declared f32[N,3], got i64[5,3]", Zeros(5, 3), new Tensor(new TensorType(DType.I64, new Shape(5, 3)), new byte[120]));
            Refused(model, "the model has 2 inputs, got 1 (Parameter 'inputs')", Zeros(5, 3));
        });
        Assert.That(
            () => model.Specialize(new Dictionary<string, Tensor> { ["a"] = Zeros(5, 3) }),
            Throws.ArgumentException.With.Message.EqualTo("input 'b' (f32[N,3]) is missing (Parameter 'inputs')"));
        Assert.That(
            () => model.Specialize(new Dictionary<string, Tensor> { ["a"] = Zeros(5, 3), ["b"] = Zeros(5, 3), ["c"] = Zeros(5, 3) }),
            Throws.ArgumentException.With.Message.EqualTo("the model has no input 'c' (Parameter 'inputs')"));
    }

    [Test]
    public void Symbols_that_only_say_unknown_are_none([Values("?", "*", "-1", "None", "unk", "unknown")] string symbol)
    {
        ValueInfoProto input = Made.Value("x", DType.F32, -1, -1, 4);
        input.Type.TensorType.Shape.Dim[0].DimParam = symbol;
        input.Type.TensorType.Shape.Dim[1].DimParam = symbol;
        OnnxModel model = Parse(Made.Graph([input], [Made.Value("y", 1)], Made.Node("Relu", ["x"], ["y"])));
        Graph graph = model.Specialize(Zeros(2, 3, 4));
        Assert.That(graph.TypeOf(graph.Outputs[0].Value).Shape, Is.EqualTo(new Shape(2, 3, 4)));
        Assert.That(model.Inputs[0].ToString(), Is.EqualTo("x: f32[?,?,4]"));
    }

    [Test]
    public void Shape_arithmetic_leaves_no_trace()
    {
        GraphProto proto = Made.Graph(
            [Made.Value("x", DType.F32, -1, 4)],
            [Made.Value("y", DType.F32, -1, 2, 2)],
            Made.Node("Shape", ["x"], ["s"]),
            Made.Node("Gather", ["s", "zero"], ["n"]),
            Made.Node("Unsqueeze", ["n", "axis"], ["n1"]),
            Made.Node("Div", ["four", "two"], ["half"]),
            Made.Node("Concat", ["n1", "half", "two"], ["shape"], Made.Int("axis", 0)),
            Made.Node("Reshape", ["x", "shape"], ["y"]));
        proto.Initializer.Add([Scalar("zero", 0), Made.Vector("axis", 0), Made.Vector("two", 2), Made.Vector("four", 4)]);
        Graph graph = Parse(proto).Specialize(Zeros(7, 4));
        Assert.That(graph.Nodes.Select(node => node.Op.Name), Is.EqualTo(["View"]));
        Assert.That(graph.Parameters, Is.Empty);
        Assert.That(graph.TypeOf(graph.Outputs[0].Value), Is.EqualTo(new TensorType(DType.F32, new Shape(7, 2, 2))));
    }

    [Test]
    public void Graph_is_reused_for_the_same_shapes_and_the_same_values_that_shaped_it()
    {
        OnnxModel model = Parse(Made.Graph(
            [Made.Value("x", DType.F32, -1), Made.Value("shape", DType.I64, 2)], [Made.Value("y", 1)], Made.Node("Reshape", ["x", "shape"], ["y"])));
        Graph first = model.Specialize(Zeros(6), I64(2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(model.Specialize(Tensor.Of<float>(DType.F32, new Shape(6), 1, 2, 3, 4, 5, 6), I64(2, 3)), Is.SameAs(first), "x shapes nothing");
            Assert.That(model.Specialize(Zeros(6), I64(3, 2)), Is.Not.SameAs(first));
            Assert.That(model.Specialize(Zeros(8), I64(2, 4)), Is.Not.SameAs(first));
            Assert.That(model.Specialize(Zeros(6), I64(2, 3)), Is.SameAs(first));
            Graph other = model.Specialize(Zeros(6), I64(3, 2));
            Assert.That(other.TypeOf(other.Outputs[0].Value).Shape, Is.EqualTo(new Shape(3, 2)));
        });
        for (long extent = 10; extent < 10 + OnnxLimits.Specializations; extent++)
        {
            model.Specialize(Zeros(extent), I64(1, extent));
        }

        Assert.That(model.Specialize(Zeros(6), I64(2, 3)), Is.Not.SameAs(first), "the oldest graph is forgotten");
    }

    [Test]
    public void Input_with_a_default_may_be_given_or_not()
    {
        GraphProto proto = Made.Graph(
            [Made.Value("x", DType.F32, 2), Made.Value("w", DType.F32, 2)], [Made.Value("y", DType.F32, 2)], Made.Node("Add", ["x", "w"], ["y"]));
        proto.Initializer.Add(Made.Raw("w", DType.F32, [2], [0, 0, 128, 63, 0, 0, 0, 64]));
        OnnxModel model = OnnxModel.Parse(Made.Model(proto, opset: 8, ir: 3).ToByteArray());
        Assert.That(model.Inputs.Single().Name, Is.EqualTo("x"));
        Assert.That(model.OptionalInputs.Single().Name, Is.EqualTo("w"));
        Assert.That(Run(model, ("x", F32(10, 20))).As<float>().ToArray(), Is.EqualTo([11f, 22f]));
        Assert.That(Run(model, ("x", F32(10, 20)), ("w", F32(5, 5))).As<float>().ToArray(), Is.EqualTo([15f, 25f]));
    }

    [Test]
    public void Nodes_may_stand_in_any_order()
    {
        OnnxModel model = Parse(Made.Graph(
            [Made.Value("x", DType.F32, 2)],
            [Made.Value("y", DType.F32, 2)],
            Made.Node("Neg", ["b"], ["y"]),
            Made.Node("Relu", ["a"], ["b"]),
            Made.Node("Neg", ["x"], ["a"])));
        Assert.That(Run(model, ("x", F32(-3, 3))).As<float>().ToArray(), Is.EqualTo([-3f, -0f]));
    }

    [Test]
    public void What_no_output_needs_is_left_out_and_not_even_checked()
    {
        OnnxModel model = Parse(Made.Graph(
            [Made.Value("x", DType.F32, 2, 3)],
            [Made.Value("y", DType.F32, 2, 3)],
            Made.Node("MatMul", ["x", "x"], ["misfit"]),
            Made.Node("Relu", ["x"], ["y"])));
        Assert.That(model.Specialize(Zeros(2, 3)).Nodes.Select(node => node.Op.Name), Is.EqualTo(["Relu"]));
    }

    [Test]
    public void Every_node_that_does_not_fit_is_listed()
    {
        OnnxModel model = Parse(Made.Graph(
            [Made.Value("x", DType.F32, 2, 3)],
            [Made.Value("y", 1), Made.Value("z", 1), Made.Value("i", 7), Made.Value("m", 1)],
            Made.Node("MatMul", ["x", "x"], ["a"]),
            Made.Node("Relu", ["a"], ["y"]),
            Made.Node("Transpose", ["x"], ["z"], Made.Ints("perm", 0, 0)),
            Made.Node("Neg", ["x"], ["i"]),
            Made.Node("Cast", ["x"], ["c"], Made.Int("to", 7)),
            Made.Node("Add", ["x", "c"], ["m"])));
        InvalidModelException refusal = Assert.Throws<InvalidModelException>(() => model.Specialize(Zeros(2, 3)))!;
        Assert.That(refusal.Defects, Is.EqualTo(
        [
            "node 'n_a' (MatMul): [2,3] and [2,3] have no common axis",
            "node 'n_z' (Transpose): axis 0 occurs twice",
            "node 'n_m' (Add): Add/1: takes two inputs of one type and shape (Number); got f32[2,3], i64[2,3]",
            "output 'i' is declared i64 but computed as f32",
        ]));
    }

    [Test]
    public void Shape_from_too_much_work_is_refused()
    {
        OnnxModel model = Parse(Made.Graph(
            [Made.Value("x", DType.I64, -1)],
            [Made.Value("y", 1)],
            Made.Node("ReduceSum", ["x"], ["n"]),
            Made.Node("ConstantOfShape", ["n"], ["y"])));
        Assert.That(
            () => model.Specialize(Tensor.Canonical(new TensorType(DType.I64, new Shape(1 << 21)), new byte[1 << 24])), Throws.Nothing);
        OnnxModel wide = Parse(Made.Graph(
            [Made.Value("x", DType.I64, -1)],
            [Made.Value("y", 1)],
            Made.Node("Neg", ["x"], ["m"]),
            Made.Node("ReduceSum", ["m"], ["n"]),
            Made.Node("ConstantOfShape", ["n"], ["y"])));
        Assert.That(
            () => wide.Specialize(Tensor.Canonical(new TensorType(DType.I64, new Shape(1 << 21)), new byte[1 << 24])),
            Throws.TypeOf<NotCommittableException>().With.Message.EqualTo(
                "the model runs, but not under a commitment: node 'n_y' (ConstantOfShape): "
                + "a shape or a branch depends on the value of 'n_m' (Neg), which is more work than is done for a statement"));
    }

    [Test]
    public void Local_functions_are_written_out()
    {
        FunctionProto inner = new()
        {
            Name = "Scale",
            Domain = "local",
            Input = { "v" },
            Output = { "r" },
            Attribute = { "by" },
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
            Node = { Made.Node("Constant", [], ["c"], Made.Reference("value_float", 1, "by")), Made.Node("Mul", ["v", "c"], ["r"]) },
        };
        FunctionProto outer = new()
        {
            Name = "Twice",
            Domain = "local",
            Input = { "v", "unused" },
            Output = { "r", "same" },
            OpsetImport = { new OperatorSetIdProto { Version = 17 }, new OperatorSetIdProto { Domain = "local", Version = 1 } },
            AttributeProto = { Made.Float("by", 3) },
            Node =
            {
                Call("Scale", ["v"], ["c"], Made.Reference("by", 1, "by")),
                Call("Scale", ["c"], ["r"], Made.Float("by", 10)),
                Made.Node("Identity", ["v"], ["same"]),
            },
        };
        ModelProto proto = Made.Model(Made.Graph(
            [Made.Value("x", DType.F32, 2)],
            [Made.Value("y", DType.F32, 2), Made.Value("z", DType.F32, 2)],
            Call("Twice", ["x"], ["c"]),
            Call("Twice", ["c"], ["y", "z"], Made.Float("by", 0.5f))));
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        proto.Functions.Add([inner, outer]);
        OnnxModel model = OnnxModel.Parse(proto.ToByteArray());
        Assert.That(model.OperatorCounts, Is.EqualTo(new Dictionary<string, int> { ["Constant"] = 4, ["Identity"] = 2, ["Mul"] = 4 }));
        Assert.That(Run(model, ("x", F32(1, 2))).As<float>().ToArray(), Is.EqualTo([150f, 300f]));
    }

    [Test]
    public void Function_that_calls_itself_is_refused()
    {
        ModelProto proto = Made.Model(Made.Graph([Made.Value("x", DType.F32, 2)], [Made.Value("y", DType.F32, 2)], Call("F", ["x"], ["y"])));
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        proto.Functions.Add(new FunctionProto
        {
            Name = "F",
            Domain = "local",
            Input = { "v" },
            Output = { "r" },
            OpsetImport = { new OperatorSetIdProto { Domain = "local", Version = 1 } },
            Node = { Call("F", ["v"], ["r"]) },
        });
        InvalidModelException refusal = Assert.Throws<InvalidModelException>(() => OnnxModel.Parse(proto.ToByteArray()))!;
        Assert.That(refusal.Defects, Has.Some.EqualTo("node 'F#31/n_r' (local.F): functions are nested deeper than 32, or call themselves"));
    }

    [Test]
    public void Constants_of_a_shape_take_no_room()
    {
        GraphProto proto = Made.Graph(
            [Made.Value("x", DType.F32, 1)],
            [Made.Value("y", DType.F32, 20000, 20000)],
            Made.Node("ConstantOfShape", ["shape"], ["c"], Made.Tensor("value", Made.Raw(string.Empty, DType.F32, [1], [0, 0, 128, 63]))),
            Made.Node("Identity", ["c"], ["y"]));
        proto.Initializer.Add(Made.Vector("shape", 20000, 20000));
        Graph graph = Parse(proto).Specialize(Zeros(1));
        Assert.That(graph.Nodes.Single().Op, Is.TypeOf<View>());
        Assert.That(graph.Parameters.Single().Value.Type.Bytes, Is.EqualTo(4));
    }

    [Test]
    public void A_repeated_value_that_is_laid_out_must_fit([Values("Identity", "ReduceSum")] string op)
    {
        GraphProto proto = Made.Graph(
            [Made.Value("x", DType.F32, 1)],
            [Made.Value("y", DType.F32)],
            Made.Node("Expand", ["x", "shape"], ["w"]),
            Made.Node(op, ["w"], ["y"]));
        proto.Initializer.Add(Made.Vector("shape", 30000, 30000));
        Assert.That(
            () => Parse(proto).Specialize(Zeros(1)),
            Throws.TypeOf<InvalidModelException>().With.Message.Contains("f32[30000,30000] is larger than the limit of 2147483591 bytes"));
    }

    [Test]
    public void A_model_that_cannot_run_says_so_before_it_allocates()
    {
        GraphProto graph = Made.Graph(
            [Made.Value("x", DType.F32, -1)],
            [Made.Value("y", 1)],
            Made.Node("Shape", ["x"], ["s"]),
            Made.Node("Concat", ["s", "big"], ["e"], Made.Int("axis", 0)),
            Made.Node("Expand", ["x", "e"], ["w"]),
            Made.Node("Neg", ["w"], ["y"]));
        OnnxModel model = Parse(graph, Made.Vector("big", 1 << 20, 1 << 15));
        Assert.That(
            () => model.Specialize(Zeros(1)),
            Throws.TypeOf<InvalidModelException>().With.Message.EqualTo(
                "the model is not valid: node 'n_y' (Neg): f32[1,1048576,32768] is larger than the limit of 2147483591 bytes"));
    }

    private static NodeProto Call(string function, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        NodeProto node = Made.Node(function, inputs, outputs, attributes);
        node.Domain = "local";
        return node;
    }

    private static OnnxModel Parse(GraphProto graph, params TensorProto[] initializers)
    {
        graph.Initializer.Add(initializers);
        foreach (ValueInfoProto output in graph.Output)
        {
            output.Type.TensorType.Shape = null;
        }

        return OnnxModel.Parse(Made.Model(graph).ToByteArray());
    }

    private static TensorProto Scalar(string name, long value) => new() { Name = name, DataType = (int)DType.I64, Int64Data = { value } };

    private static Tensor Zeros(params long[] extents)
    {
        TensorType type = new(DType.F32, new Shape(extents));
        return new Tensor(type, new byte[type.Bytes]);
    }

    private static Tensor F32(params float[] elements) => Tensor.Of(DType.F32, new Shape(elements.Length), elements.AsSpan());

    private static Tensor I64(params long[] elements) => Tensor.Of(DType.I64, new Shape(elements.Length), elements.AsSpan());

    private static Tensor Run(OnnxModel model, params (string Name, Tensor Value)[] inputs)
    {
        Dictionary<string, Tensor> given = inputs.ToDictionary(pair => pair.Name, pair => pair.Value);
        Graph graph = model.Specialize(given);
        return new Executor(graph, new ReferenceBackend()).Run(OnnxModel.Bind(graph, given))[0];
    }

    private static void Refused(OnnxModel model, string message, params ImmutableArray<Tensor> inputs)
        => Assert.That(() => model.Specialize(inputs), Throws.ArgumentException.With.Message.EqualTo(message));
}
