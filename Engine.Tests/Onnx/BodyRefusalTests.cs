using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Tests.Onnx.Small;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Bodies that are not right, or more than a statement can know.</summary>
internal sealed class BodyRefusalTests
{
    private static readonly GraphProto Double = Made.Graph([], ["r"], Made.Node("Add", ["x", "x"], ["r"]));

    [Test]
    public void Inputs_of_a_body_hide_what_is_around_it_and_nodes_may_not()
    {
        GraphProto body = Made.Graph(["i", "g", "x"], ["g", "r"], Made.Node("Add", ["x", "x"], ["r"]));
        OnnxModel model = Parse(
            [Made.Value("x", DType.F32, 1), Made.Value("a", DType.F32, 1)],
            ["y"],
            Constant("two", 2),
            Made.Node("Loop", ["two", string.Empty, "a"], ["y"], Made.Body("body", body)));
        Assert.That(Run(model, F32(100), F32(1)).Values, Is.EqualTo([4f]));
        body.Input[2].Name = "b";
        body.Node.Insert(0, Made.Node("Neg", ["b"], ["x"]));
        Refused<InvalidModelException>(
            [Made.Value("x", DType.F32, 1), Made.Value("a", DType.F32, 1)],
            ["y"],
            "node 'n_y/body/n_x' (Neg): value 'x' hides a value around the body",
            Constant("two", 2),
            Made.Node("Loop", ["two", string.Empty, "a"], ["y"], Made.Body("body", body)));
    }

    [Test]
    public void Defects_in_bodies_are_listed_at_load()
    {
        GraphProto bad = Made.Graph([], ["r"], Made.Node("Foo", ["x"], ["q"]), Made.Node("Relu", ["q"], ["r"], Made.Int("k", 1)));
        GraphProto worse = Made.Graph([], ["r"], If("c", "r", bad, Double));
        ModelProto proto = Made.Model(Made.Graph(
            [Made.Value("x", DType.F32, 1), Made.Value("c", DType.Bool)], [Made.Name("y")], If("c", "y", worse, bad), Made.Node("Bar", ["y"], ["z"])));
        UnsupportedModelException refusal = Assert.Throws<UnsupportedModelException>(() => OnnxModel.Parse(proto.ToByteArray()))!;
        Assert.That(refusal.Defects, Is.EqualTo(
        [
            "node 'n_y/then_branch/n_r/then_branch/n_q' (Foo): the operator is not supported",
            "node 'n_y/then_branch/n_r/then_branch/n_r' (Relu): attribute 'k' is not supported in opset 25",
            "node 'n_y/else_branch/n_q' (Foo): the operator is not supported",
            "node 'n_y/else_branch/n_r' (Relu): attribute 'k' is not supported in opset 25",
            "node 'n_z' (Bar): the operator is not supported",
        ]));
    }

    [Test]
    public void Malformed_bodies_are_refused()
    {
        ValueInfoProto[] inputs = [Made.Value("x", DType.F32, 1), Made.Value("c", DType.Bool)];
        Refused<InvalidModelException>(
            inputs,
            ["y"],
            "node 'n_y/then_branch/n_r' (Neg): input 'z' is not defined",
            If("c", "y", Made.Graph([], ["r"], Made.Node("Neg", ["z"], ["r"])), Double));
        Refused<InvalidModelException>(inputs, ["y"], "'n_y/then_branch': output 'q' is not defined", If("c", "y", Made.Graph([], ["q"]), Double));
        Refused<InvalidModelException>(
            inputs, ["y"], "node 'n_y' (If): attribute 'else_branch' is missing", Made.Node("If", ["c"], ["y"], Made.Body("then_branch", Double)));
        Refused<InvalidModelException>(
            inputs,
            ["y"],
            "node 'n_y' (If): attribute 'else_branch' is of kind Int, not Graph",
            Made.Node("If", ["c"], ["y"], Made.Body("then_branch", Double), Made.Int("else_branch", 1)));
        Refused<UnsupportedModelException>(
            inputs, ["y"], "node 'n_y' (Neg): attribute 'body' is not supported in opset 25", Made.Node("Neg", ["x"], ["y"], Made.Body("body", Double)));
        Refused<InvalidModelException>(
            inputs,
            ["y"],
            "the graph has a cycle: node 'n_y' (If) -> node 'n_z' (Neg) -> node 'n_y' (If)",
            If("c", "y", Made.Graph([], ["r"], Made.Node("Neg", ["z"], ["r"])), Double),
            Made.Node("Neg", ["y"], ["z"]));
    }

    [Test]
    public void Loops_that_do_not_fit_are_refused()
    {
        GraphProto same = Made.Graph(["i", "g", "a"], ["g", "a"]);
        void Check(string message, string[] operands, string[] results, GraphProto body) => Assert.That(
            () => Parse(
                [Made.Value("x", DType.F32, 2)],
                results,
                Constant("two", 2),
                Constant("many", 1L << 40),
                Made.Node("Loop", operands, results, Made.Body("body", body)))
                .Specialize(F32(1, 2)),
            Throws.Exception.With.Message.EndsWith(message));
        Check("neither a number of iterations nor a condition: it does not end", [string.Empty, string.Empty, "x"], ["y"], same);
        Check("body has 3 inputs, not 2", ["two", string.Empty], ["y"], same);
        Check("the body has 0 outputs beside condition and state, 1 are wanted", ["two", string.Empty, "x"], ["y", "z"], same);
        Check("the unrolled bodies have more than 262144 nodes", ["many", string.Empty, "x"], ["y"], same);
        Check(
            "output 2 of the body is f32[2] at first, then f32[4]",
            ["two", string.Empty, "x"],
            ["y", "z"],
            Made.Graph(["i", "g", "a"], ["g", "b", "a"], Made.Node("Concat", ["a", "a"], ["b"], Made.Int("axis", 0))));
        GraphProto declared = Made.Graph([Made.Name("i"), Made.Name("g"), Made.Value("a", DType.I64)], [Made.Name("g"), Made.Name("a")]);
        Check("input 'a' of body is declared i64 but is f32", ["two", string.Empty, "x"], ["y"], declared);
    }

    [Test]
    public void A_loop_steered_by_activations_runs_and_is_refused_under_a_commitment()
    {
        // While the sum of x exceeds 1, x is halved.
        GraphProto body = Made.Graph(
            ["i", "g", "a"],
            ["more", "b", "i"],
            Made.Node("Mul", ["a", "half"], ["b"]),
            Made.Node("ReduceSum", ["b"], ["sum"], Made.Int("keepdims", 0)),
            Made.Node("Greater", ["sum", "one"], ["more"]));
        OnnxModel model = Parse(
            [Made.Value("x", DType.F32, -1), Made.Value("c", DType.Bool)],
            ["y", "n"],
            Real("half", 0.5f),
            Made.Node("Constant", [], ["one"], Made.Float("value_float", 1)),
            Made.Node("Loop", [string.Empty, "c", "x"], ["y", "n"], Made.Body("body", body)));
        Dictionary<string, Tensor> Inputs(int count, float value) => new()
        {
            ["x"] = Tensor.Of(DType.F32, new Shape(count), Enumerable.Repeat(value, count).ToArray().AsSpan()),
            ["c"] = True,
        };
        using CpuBackend backend = new(2);
        float Steps(Dictionary<string, Tensor> inputs)
        {
            Graph graph = model.SpecializeForRun(inputs, backend);
            return new Executor(graph, backend).Run(OnnxModel.Bind(graph, inputs))[1].Type.Shape[0];
        }

        Dictionary<string, Tensor> large = Inputs(1 << 21, 1);
        NotCommittableException refusal = Assert.Throws<NotCommittableException>(() => model.Specialize(large))!;
        Assert.That(refusal.Message, Is.EqualTo(
            "the model runs, but not under a commitment: node 'n_y' (Loop): a shape or a branch depends on an activation, "
            + "the value of 'n_y[0]/n_more' (Greater)"));
        Assert.That(Steps(large), Is.EqualTo(21));
        Assert.That(() => model.Specialize(large), Throws.TypeOf<NotCommittableException>(), "also after it ran");
        Assert.That(Steps(Inputs(1 << 21, 0.25f)), Is.EqualTo(19), "what was kept for other values is not used");
        Assert.That(Steps(Inputs(16, 1)), Is.EqualTo(4));
    }

    [TestCase("NonZero", 1)]
    [TestCase("Unique", 1)]
    [TestCase("Compress", 2)]
    public void A_result_as_large_as_inputs_say_is_refused_under_a_commitment(string op, int operands)
    {
        string[] names = operands == 1 ? ["x"] : ["c", "x"];
        OnnxModel steered = Parse([Made.Value("x", DType.Bool, 4), Made.Value("c", DType.F32, 4)], ["y"], Made.Node(op, names, ["y"]));
        Dictionary<string, Tensor> inputs = new()
        {
            ["x"] = Tensor.Of(DType.Bool, new Shape(4), true, false, true, true),
            ["c"] = Tensor.Of<float>(DType.F32, new Shape(4), 1, 2, 3, 4),
        };
        Assert.That(() => steered.Specialize(inputs), Throws.TypeOf<NotCommittableException>().With.Message.Contains($"node 'n_y' ({op})"));
        Assert.That(() => steered.SpecializeForRun(inputs, new ReferenceBackend()), Throws.Nothing);
        OnnxModel fixedByModel = Parse(
            [Made.Value("x", DType.Bool, 4), Made.Value("c", DType.F32, 4)],
            ["y"],
            Made.Node("Shape", ["x"], ["s"]),
            Made.Node("ConstantOfShape", ["s"], ["z"]),
            Made.Node("Cast", ["z"], ["t"], Made.Int("to", (int)DType.Bool)),
            Made.Node(op, [.. names.Select(name => name == "x" ? "t" : name)], ["y"]));
        Assert.That(() => fixedByModel.Specialize(inputs), Throws.Nothing, "a shape decides");
    }

    [Test]
    public void A_plain_run_looks_through_views()
    {
        OnnxModel model = Parse(
            [Made.Value("x", DType.I64, 1)],
            ["y"],
            Made.Node("Constant", [], ["much"], Made.Ints("value_ints", 1L << 11, 1 << 10)),
            Made.Node("Expand", ["x", "much"], ["wide"]),
            Made.Node("Constant", [], ["at"], Made.Ints("value_ints", 5)),
            Made.Node("Gather", ["wide", "at"], ["row"]),
            Made.Node("ReduceMax", ["row"], ["n"]),
            Made.Node("Reshape", ["n", "at1"], ["n1"]),
            Made.Node("Constant", [], ["at1"], Made.Ints("value_ints", 1)),
            Made.Node("ConstantOfShape", ["n1"], ["y"]));
        Tensor x = Tensor.Of<long>(DType.I64, new Shape(1), 7);
        Assert.That(() => model.Specialize(x), Throws.TypeOf<NotCommittableException>());
        using ReferenceBackend backend = new();
        Graph graph = model.SpecializeForRun(new Dictionary<string, Tensor> { ["x"] = x }, backend);
        Assert.That(graph.TypeOf(graph.Outputs[0].Value).Shape, Is.EqualTo(new Shape(7)));
    }
}
