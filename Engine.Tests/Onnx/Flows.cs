using Google.Protobuf;

using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Tests.Onnx.Small;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Small models with bodies, functions and sequences, to be spoiled.</summary>
internal static class Flows
{
    /// <summary>Each of them as a file.</summary>
    internal static byte[][] Files { get; } = [.. Models().Select(model => model.ToByteArray())];

    private static IEnumerable<ModelProto> Models()
    {
        GraphProto twice = Made.Graph([], ["r"], Made.Node("Add", ["x", "x"], ["r"]));
        GraphProto minus = Made.Graph([], ["r"], Made.Node("Neg", ["x"], ["r"]));
        GraphProto inner = Made.Graph(
            [], ["q"], Made.Node("Size", ["x"], ["n"]), Constant("six", 6), Made.Node("Equal", ["n", "six"], ["is6"]), If("is6", "q", twice, minus));
        yield return Model(
            Made.Node("Shape", ["x"], ["s"]),
            Made.Node("Size", ["s"], ["k"]),
            Constant("two", 2),
            Made.Node("Equal", ["k", "two"], ["c"]),
            If("c", "y", inner, minus));

        GraphProto step = Made.Graph(
            ["i", "g", "a"],
            ["more", "b", "b"],
            Made.Node("Add", ["a", "x"], ["b"]),
            Constant("last", 3),
            Made.Node("Less", ["i", "last"], ["more"]));
        GraphProto outer = Made.Graph(
            ["j", "h", "v"],
            ["h", "w", "all"],
            Constant("five", 5),
            Made.Node("Less", ["j", "five"], ["c"]),
            Made.Node("Loop", ["five", "c", "v"], ["w", "all"], Made.Body("body", step)));
        yield return Model(Constant("n", 4), Made.Node("Loop", ["n", string.Empty, "x"], ["y", "z"], Made.Body("body", outer)));

        GraphProto scan = Made.Graph(["s", "t"], ["u", "v"], Made.Node("Add", ["s", "t"], ["u"]), Made.Node("Mul", ["u", "t"], ["v"]));
        yield return Model(
            Made.Node("Constant", [], ["zero"], Made.Tensor("value", Made.Raw(string.Empty, DType.F32, [3], new byte[12]))),
            Made.Node(
                "Scan",
                ["zero", "x"],
                ["last", "y"],
                Made.Body("body", scan),
                Made.Int("num_scan_inputs", 1),
                Made.Ints("scan_input_axes", 0),
                Made.Ints("scan_input_directions", 1),
                Made.Ints("scan_output_axes", 1),
                Made.Ints("scan_output_directions", 0)));

        GraphProto append = Made.Graph(
            ["i", "g", "s"], ["g", "t"], Made.Node("SequenceAt", ["s", "i"], ["e"]), Made.Node("SequenceInsert", ["s", "e", "i"], ["t"]));
        yield return Model(
            Made.Node("SplitToSequence", ["x"], ["parts"], Made.Int("axis", 0), Made.Int("keepdims", 1)),
            Constant("n", 5),
            Made.Node("Loop", ["n", string.Empty, "parts"], ["more"], Made.Body("body", append)),
            Made.Node("ConcatFromSequence", ["more"], ["y"], Made.Int("axis", 0), Made.Int("new_axis", 0)));

        ModelProto model = Model(new NodeProto { OpType = "F", Domain = "local", Input = { "x" }, Output = { "y" }, Attribute = { Made.Float("by", 2) } });
        GraphProto scale = Made.Graph([], ["r"], Made.Node("Constant", [], ["k"], Made.Reference("value_float", 1, "by")), Made.Node("Mul", ["v", "k"], ["r"]));
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        model.Functions.Add(new FunctionProto
        {
            Name = "F",
            Domain = "local",
            Input = { "v" },
            Output = { "o" },
            Attribute = { "by" },
            OpsetImport = { new OperatorSetIdProto { Version = 25 } },
            Node = { Constant("yes", 1), Made.Node("Cast", ["yes"], ["c"], Made.Int("to", 9)), If("c", "o", scale, Made.Graph([], ["v"])) },
        });
        yield return model;
    }

    private static ModelProto Model(params NodeProto[] nodes)
        => Made.Model(Made.Graph([Made.Value("x", DType.F32, 2, 3)], [Made.Name("y")], nodes));
}
