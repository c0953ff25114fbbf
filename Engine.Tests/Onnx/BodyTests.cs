using System.Collections.Immutable;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Tests.Onnx.Small;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Bodies: branches are chosen and loops unrolled while the graph is made.</summary>
internal sealed class BodyTests
{
    private static readonly GraphProto Double = Made.Graph([], ["r"], Made.Node("Add", ["x", "x"], ["r"]));
    private static readonly GraphProto Negate = Made.Graph([], ["r"], Made.Node("Neg", ["x"], ["r"]));

    [Test]
    public void A_branch_is_chosen_by_a_value_of_an_input()
    {
        OnnxModel model = Parse(
            [Made.Value("x", DType.F32, 2), Made.Value("rate", DType.I64)],
            ["y"],
            Constant("wanted", 16000),
            Made.Node("Equal", ["rate", "wanted"], ["c"]),
            If("c", "y", Double, Negate));
        Assert.That(model.OperatorCounts, Is.EqualTo(new Dictionary<string, int> { ["Add"] = 1, ["Constant"] = 1, ["Equal"] = 1, ["If"] = 1, ["Neg"] = 1 }));
        Assert.That(model.NodeCount, Is.EqualTo(5));
        (float[] doubled, Graph first) = Run(model, F32(3, 4), Scalar(16000));
        (float[] negated, Graph second) = Run(model, F32(3, 4), Scalar(8000));
        Assert.That(doubled, Is.EqualTo([6f, 8f]));
        Assert.That(negated, Is.EqualTo([-3f, -4f]));
        Assert.That(first.Nodes.Single().Name, Is.EqualTo("n_y/then_branch/n_r"));
        Assert.That(second.Nodes.Single().Name, Is.EqualTo("n_y/else_branch/n_r"));
        Assert.That(model.Specialize(F32(5, 6), Scalar(16000)), Is.SameAs(first), "the other input chose nothing");
    }

    [Test]
    public void Nested_branches_follow_shapes()
    {
        GraphProto inner = Made.Graph(
            [], ["r"], Made.Node("Size", ["x"], ["n"]), Constant("four", 4), Made.Node("Equal", ["n", "four"], ["is4"]), If("is4", "r", Double, Negate));
        OnnxModel model = Parse(
            [Any("x")],
            ["y"],
            Made.Node("Shape", ["x"], ["s"]),
            Made.Node("Size", ["s"], ["rank"]),
            Constant("one", 1),
            Made.Node("Equal", ["rank", "one"], ["is1"]),
            If("is1", "y", inner, Made.Graph([], ["r"], Made.Node("Relu", ["x"], ["r"]))));
        Assert.That(Run(model, F32(1, 2, 3, 4)).Values, Is.EqualTo([2f, 4f, 6f, 8f]));
        Assert.That(Run(model, F32(1, 2, 3)).Values, Is.EqualTo([-1f, -2f, -3f]));
        Assert.That(Run(model, Tensor.Of<float>(DType.F32, new Shape(1, 2), -1, 2)).Values, Is.EqualTo([0f, 2f]));
        Assert.That(Run(model, F32(1, 2, 3, 4)).Graph.Nodes.Single().Name, Is.EqualTo("n_y/then_branch/n_r/then_branch/n_r"));
    }

    [Test]
    public void A_branch_may_hand_on_a_value_from_around_it_as_it_stands()
    {
        OnnxModel model = Parse([Made.Value("x", DType.F32, 2), Made.Value("c", DType.Bool)], ["y"], If("c", "y", Made.Graph([], ["x"]), Negate));
        Assert.That(Run(model, F32(3, 4), True).Values, Is.EqualTo([3f, 4f]));
    }

    [Test]
    public void What_a_branch_that_is_not_taken_needs_may_not_fit()
    {
        GraphProto product = Made.Graph([], ["r"], Made.Node("Neg", ["p"], ["r"]));
        OnnxModel model = Parse(
            [Made.Value("x", DType.F32, 2, 3), Made.Value("c", DType.Bool)], ["y"], Made.Node("MatMul", ["x", "x"], ["p"]), If("c", "y", product, Negate));
        Tensor x = Tensor.Of<float>(DType.F32, new Shape(2, 3), 1, 2, 3, 4, 5, 6);
        Assert.That(Run(model, x, False).Values, Has.Length.EqualTo(6));
        Assert.That(
            () => model.Specialize(x, True),
            Throws.TypeOf<InvalidModelException>().With.Message.EqualTo(
                "the model is not valid: node 'n_p' (MatMul): [2,3] and [2,3] have no common axis"));
    }

    // y counts, s sums what it was: a loop that ends by number or by condition.
    [TestCase(3L, true, true, new float[] { 3 }, new float[] { 1, 2, 3 })]
    [TestCase(9L, true, true, new float[] { 5 }, new float[] { 1, 2, 3, 4, 5 })]
    [TestCase(null, true, true, new float[] { 5 }, new float[] { 1, 2, 3, 4, 5 })]
    [TestCase(7L, false, true, new float[] { 7 }, new float[] { 1, 2, 3, 4, 5, 6, 7 })]
    [TestCase(3L, true, false, new float[] { 0 }, new float[0])]
    [TestCase(0L, true, true, new float[] { 0 }, new float[0])]
    [TestCase(-4L, false, true, new float[] { 0 }, new float[0])]
    public void A_loop_ends_by_number_or_condition(long? most, bool isSteered, bool starts, float[] last, float[] all)
    {
        GraphProto body = Made.Graph(
            ["i", "goes", "a"],
            ["more", "b", "b"],
            Made.Node("Add", ["a", "one"], ["b"]),
            Made.Node("Less", ["b", "five"], ["m"]),
            Made.Node("Squeeze", ["m"], ["more"]));
        OnnxModel model = Parse(
            [Made.Value("x", DType.F32, 1), Made.Value("most", DType.I64), Made.Value("c", DType.Bool)],
            ["y", "s"],
            Real("one", 1),
            Real("five", 5),
            Made.Node("Loop", [most is null ? string.Empty : "most", isSteered ? "c" : string.Empty, "x"], ["y", "s"], Made.Body("body", body)));
        Dictionary<string, Tensor> inputs = new() { ["x"] = F32(0), ["most"] = Scalar(most ?? 77), ["c"] = starts ? True : False };
        Graph graph = model.SpecializeForRun(inputs, new ReferenceBackend());
        ImmutableArray<Tensor> outputs = new Executor(graph, new ReferenceBackend()).Run(OnnxModel.Bind(graph, inputs));
        Assert.That(outputs[0].As<float>().ToArray(), Is.EqualTo(last));
        Assert.That(outputs[1].As<float>().ToArray(), Is.EqualTo(all));
        bool isKnown = !isSteered || !starts || most == 0;
        Assert.That(() => model.Specialize(inputs), isKnown ? Throws.Nothing : Throws.TypeOf<NotCommittableException>(), "b is an activation");
        Assert.That(outputs[1].Type.Shape, Is.EqualTo(new Shape(all.Length, 1)), "the shape of nothing too");
        Assert.That(() => Lowerer.Lower(graph, Policy.Compact), Throws.Nothing);
    }

    [Test]
    public void Names_say_the_iteration_and_what_is_the_same_each_time_is_imported_once()
    {
        GraphProto inner = Made.Graph(
            ["j", "g", "b"],
            ["g", "next"],
            Made.Node("Exp", ["x"], ["e"]),
            Made.Node("Mul", ["b", "e"], ["p"]),
            Made.Node("Cast", ["i"], ["f"], Made.Int("to", 1)),
            Made.Node("Add", ["p", "f"], ["next"]));
        inner.Initializer.Add(Made.Vector("two", 2));
        GraphProto outer = Made.Graph(
            ["i", "go", "a"], ["go", "r"], Constant("twice", 2), Made.Node("Loop", ["twice", string.Empty, "a"], ["r"], Made.Body("body", inner)));
        OnnxModel model = Parse(
            [Made.Value("x", DType.F32, 1)],
            ["y"],
            Constant("three", 3),
            Made.Node("Loop", ["three", string.Empty, "x"], ["y"], Made.Body("body", outer)));
        (float[] values, Graph graph) = Run(model, F32(0));
        Assert.That(values, Is.EqualTo([6f]), "0, 0, 0, 1, 2, 4, 6");
        Assert.That(
            graph.Nodes.Select(node => node.Name).Take(4),
            Is.EqualTo(["n_y[0]/n_r/body/n_e", "n_y[0]/n_r/body/n_f", "n_y[0]/n_r[0]/n_p", "n_y[0]/n_r[0]/n_next"]));
        Assert.That(graph.Nodes.Count(node => node.Op.Name == "Exp"), Is.EqualTo(3), "once for each time that the inner loop is met");
    }

    [Test]
    public void Loops_nest_and_see_what_is_around_them()
    {
        // Sum over i < 3, j < 2 of (10 i + j), with j's weight from an initializer of the inner body.
        GraphProto inner = Made.Graph(
            ["j", "g", "b"],
            ["g", "next", "term"],
            Made.Node("Mul", ["i", "ten"], ["tens"]),
            Made.Node("Add", ["tens", "j"], ["term"]),
            Made.Node("Add", ["b", "term"], ["next"]));
        inner.Initializer.Add(new TensorProto { Name = "ten", DataType = 7, Int64Data = { 10 } });
        GraphProto outer = Made.Graph(
            ["i", "go", "a"],
            ["go", "r", "terms"],
            Constant("two", 2),
            Made.Node("Loop", ["two", string.Empty, "a"], ["r", "terms"], Made.Body("body", inner)));
        OnnxModel model = Parse(
            [Made.Value("x", DType.I64)],
            ["y", "all"],
            Constant("three", 3),
            Made.Node("Loop", ["three", string.Empty, "x"], ["y", "all"], Made.Body("body", outer)));
        Graph graph = model.Specialize(Scalar(1000));
        ImmutableArray<Tensor> outputs = new Executor(graph, new ReferenceBackend()).Run([Scalar(1000)]);
        Assert.That(outputs[0].As<long>()[0], Is.EqualTo(1063));
        Assert.That(outputs[1].As<long>().ToArray(), Is.EqualTo([0L, 1, 10, 11, 20, 21]));
        Assert.That(outputs[1].Type.Shape, Is.EqualTo(new Shape(3, 2)));
    }

    [Test]
    public void Bodies_in_functions_and_functions_in_bodies()
    {
        // F(v) = If(c) then G(v) + v else v, with names that the caller has too; G doubles.
        FunctionProto g = new()
        {
            Name = "G",
            Domain = "local",
            Input = { "r" },
            Output = { "x" },
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
            Node = { Made.Node("Add", ["r", "r"], ["x"]) },
        };
        GraphProto then = Made.Graph(
            [], ["k"], new NodeProto { OpType = "G", Domain = "local", Input = { "v" }, Output = { "t" } }, Made.Node("Add", ["t", "v"], ["k"]));
        FunctionProto f = new()
        {
            Name = "F",
            Domain = "local",
            Input = { "v", "c" },
            Output = { "y" },
            AttributeProto = { Made.Body("otherwise", Made.Graph([], ["v"])) },
            OpsetImport = { new OperatorSetIdProto { Version = 17 }, new OperatorSetIdProto { Domain = "local", Version = 1 } },
            Node =
            {
                Made.Node("If", ["c"], ["t"], Made.Body("then_branch", then), new AttributeProto { Name = "else_branch", Type = 5, RefAttrName = "otherwise" }),
                Made.Node("Identity", ["t"], ["y"]),
            },
        };
        f.Node[0].Attribute[0].G.Node[1].Output[0] = "k";
        NodeProto call = new() { OpType = "F", Domain = "local", Input = { "x", "c" }, Output = { "y" } };
        NodeProto given = new() { OpType = "F", Domain = "local", Input = { "x", "c" }, Output = { "z" } };
        given.Attribute.Add(Made.Body("otherwise", Made.Graph([], ["v"], Made.Node("Neg", ["x"], ["v"]))));
        ModelProto proto = Made.Model(Made.Graph(
            [Made.Value("x", DType.F32, 1), Made.Value("c", DType.Bool)], [Made.Name("y"), Made.Name("z")], call, given));
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        f.Node[0].Output[0] = "w";
        f.Node[1].Input[0] = "w";
        proto.Functions.Add([f, g]);
        OnnxModel model = OnnxModel.Parse(proto.ToByteArray());
        float[] Both(Tensor c)
        {
            Graph graph = model.Specialize(F32(5), c);
            return [.. new Executor(graph, new ReferenceBackend()).Run([F32(5), c]).Select(output => output.As<float>()[0])];
        }

        Assert.That(Both(True), Is.EqualTo([15f, 15f]));
        Assert.That(Both(False), Is.EqualTo([5f, -5f]), "the function's own v, and the caller's x");
    }

    // state' = 2 state + a[t] - b[t], added: state + a[t].
    [TestCase(new long[0], new long[0], new long[0], new long[0])]
    [TestCase(new long[] { 1, 0 }, new long[] { 0, 0 }, new long[0], new long[0])]
    [TestCase(new long[] { 1, -2 }, new long[] { 1, 0 }, new long[] { 1 }, new long[] { 0 })]
    [TestCase(new long[] { -1, 0 }, new long[] { 1, 1 }, new long[] { -1 }, new long[] { 1 })]
    public void Scan_goes_over_slices(long[] axes, long[] directions, long[] outputAxes, long[] outputDirections)
    {
        GraphProto body = Made.Graph(
            ["h", "s", "t"],
            ["next", "added"],
            Made.Node("Add", ["h", "h"], ["h2"]),
            Made.Node("Sub", ["s", "t"], ["d"]),
            Made.Node("Add", ["h2", "d"], ["next"]),
            Made.Node("Add", ["h", "s"], ["added"]));
        List<AttributeProto> attributes = [Made.Body("body", body), Made.Int("num_scan_inputs", 2)];
        void Give(string name, long[] values)
        {
            if (values.Length > 0)
            {
                attributes.Add(Made.Ints(name, values));
            }
        }

        Give("scan_input_axes", axes);
        Give("scan_input_directions", directions);
        Give("scan_output_axes", outputAxes);
        Give("scan_output_directions", outputDirections);
        OnnxModel model = Parse(
            [Any("h0"), Any("a"), Any("b")], ["y", "z"], Made.Node("Scan", ["h0", "a", "b"], ["y", "z"], [.. attributes]));
        Tensor a = Tensor.Of<float>(DType.F32, new Shape(3, 3), 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Tensor b = Tensor.Of<float>(DType.F32, new Shape(3, 3), 10, 20, 40, 30, 50, 60, 70, 80, 90);
        float At(Tensor tensor, int input, int t, int i)
        {
            bool isSecond = axes.Length > 0 && axes[input] is 1 or -1;
            int at = directions.Length > 0 && directions[input] == 1 ? 2 - t : t;
            return tensor.As<float>()[isSecond ? (i * 3) + at : (at * 3) + i];
        }

        float[] state = [1, -1, 0.5f];
        float[] added = new float[9];
        for (int t = 0; t < 3; t++)
        {
            int at = outputDirections.Length > 0 && outputDirections[0] == 1 ? 2 - t : t;
            for (int i = 0; i < 3; i++)
            {
                added[outputAxes.Length > 0 ? (i * 3) + at : (at * 3) + i] = state[i] + At(a, 0, t, i);
                state[i] = (2 * state[i]) + (At(a, 0, t, i) - At(b, 1, t, i));
            }
        }

        Tensor initial = F32(1, -1, 0.5f);
        Graph graph = model.Specialize(initial, a, b);
        ImmutableArray<Tensor> outputs = new Executor(graph, new ReferenceBackend()).Run([initial, a, b]);
        Assert.That(outputs[0].As<float>().ToArray(), Is.EqualTo(state));
        Assert.That(outputs[1].As<float>().ToArray(), Is.EqualTo(added));
    }

    [Test]
    public void Scan_of_nothing_gives_nothing_of_the_right_shape()
    {
        GraphProto body = Made.Graph(["h", "s"], ["h", "r"], Made.Node("Concat", ["h", "s"], ["r"], Made.Int("axis", 0)));
        OnnxModel model = Parse(
            [Any("h0"), Any("a")],
            ["y", "z"],
            Made.Node("Scan", ["h0", "a"], ["y", "z"], Made.Body("body", body), Made.Int("num_scan_inputs", 1), Made.Ints("scan_output_axes", 1)));
        Tensor empty = new(new TensorType(DType.F32, new Shape(0, 2)), ReadOnlyMemory<byte>.Empty);
        Graph graph = model.Specialize(F32(1, 2, 3), empty);
        Assert.That(graph.TypeOf(graph.Outputs[1].Value), Is.EqualTo(new TensorType(DType.F32, new Shape(5, 0))));
        Assert.That(graph.TypeOf(graph.Outputs[0].Value).Shape, Is.EqualTo(new Shape(3)));
    }

    [TestCase(null, 0, new float[] { 6, 60 }, new float[] { 1, 3, 6, 10, 30, 60 })]
    [TestCase(new long[] { 2, 0 }, 0, new float[] { 3, 0 }, new float[] { 1, 3, 0, 0, 0, 0 })]
    [TestCase(new long[] { 3, 2 }, 1, new float[] { 6, 30 }, new float[] { 3, 5, 6, 20, 30, 0 })]
    public void Scan_of_opset_8_has_a_batch(long[]? lengths, long direction, float[] last, float[] all)
    {
        GraphProto body = Made.Graph(["h", "s"], ["r", "q"], Made.Node("Add", ["h", "s"], ["r"]), Made.Node("Identity", ["r"], ["q"]));
        GraphProto graph = Made.Graph(
            [Made.Value("n", 7, 2), Made.Value("h0", 1, 2, 1), Made.Value("a", 1, 2, 3, 1)],
            [Made.Name("y"), Made.Name("z")],
            Made.Node(
                "Scan",
                [lengths is null ? string.Empty : "n", "h0", "a"],
                ["y", "z"],
                Made.Body("body", body),
                Made.Int("num_scan_inputs", 1),
                Made.Ints("directions", direction)));
        OnnxModel model = OnnxModel.Parse(Made.Model(graph, opset: 8, ir: 3).ToByteArray());
        Dictionary<string, Tensor> inputs = new()
        {
            ["n"] = Tensor.Of(DType.I64, new Shape(2), (lengths ?? [9, 9]).AsSpan()),
            ["h0"] = Tensor.Of<float>(DType.F32, new Shape(2, 1), 0, 0),
            ["a"] = Tensor.Of<float>(DType.F32, new Shape(2, 3, 1), 1, 2, 3, 10, 20, 30),
        };
        Graph made = model.Specialize(inputs);
        ImmutableArray<Tensor> outputs = new Executor(made, new ReferenceBackend()).Run(OnnxModel.Bind(made, inputs));
        Assert.That(outputs[0].As<float>().ToArray(), Is.EqualTo(last));
        Assert.That(outputs[0].Type.Shape, Is.EqualTo(new Shape(2, 1)));
        Assert.That(outputs[1].As<float>().ToArray(), Is.EqualTo(all));
        Assert.That(outputs[1].Type.Shape, Is.EqualTo(new Shape(2, 3, 1)));
    }
}
