using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Tests.Onnx.Small;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Sequences and optionals are gone once the graph is made.</summary>
internal sealed class SequenceTests
{
    [Test]
    public void Sequences_are_lists_that_leave_no_trace()
    {
        // s = [x], then i appends x + i; y joins all, z is the last but one, n their number.
        GraphProto body = Made.Graph(
            ["i", "g", "s"],
            ["g", "t"],
            Made.Node("Cast", ["i"], ["f"], Made.Int("to", 1)),
            Made.Node("Add", ["x", "f"], ["e"]),
            Made.Node("SequenceInsert", ["s", "e"], ["t"]));
        OnnxModel model = Parse(
            [Made.Value("x", DType.F32, 2)],
            ["y", "st", "z", "n", "w", "has"],
            Made.Node("SequenceConstruct", ["x"], ["s0"]),
            Constant("three", 3),
            Made.Node("Loop", ["three", string.Empty, "s0"], ["all"], Made.Body("body", body)),
            Made.Node("ConcatFromSequence", ["all"], ["y"], Made.Int("axis", 0)),
            Made.Node("ConcatFromSequence", ["all"], ["st"], Made.Int("axis", -1), Made.Int("new_axis", 1)),
            Constant("last2", -2),
            Made.Node("SequenceAt", ["all", "last2"], ["z"]),
            Made.Node("SequenceLength", ["all"], ["n"]),
            Made.Node("SequenceErase", ["all", "last2"], ["fewer"]),
            Made.Node("Identity", ["fewer"], ["same"]),
            Made.Node("SequenceAt", ["same", "last2"], ["w"]),
            Made.Node("Optional", [], ["o"], new AttributeProto { Name = "type", Type = 13, Tp = Made.Value("o", 1).Type }),
            Made.Node("OptionalHasElement", ["o"], ["has"]));
        Graph graph = model.Specialize(F32(1, 2));
        ImmutableArray<Tensor> outputs = new Executor(graph, new ReferenceBackend()).Run([F32(1, 2)]);
        Assert.That(outputs[0].As<float>().ToArray(), Is.EqualTo([1f, 2, 1, 2, 2, 3, 3, 4]));
        Assert.That(outputs[1].As<float>().ToArray(), Is.EqualTo([1f, 1, 2, 3, 2, 2, 3, 4]));
        Assert.That(outputs[2].As<float>().ToArray(), Is.EqualTo([2f, 3]));
        Assert.That(outputs[3].As<long>()[0], Is.EqualTo(4));
        Assert.That(outputs[4].As<float>().ToArray(), Is.EqualTo([1f, 2]));
        Assert.That(outputs[5].Bytes.Span[0], Is.Zero);
        Assert.That(graph.Nodes.Select(node => node.Op.Name).Distinct(), Is.EquivalentTo(["Add", "Concat", "View", "Cast"]));
    }

    [TestCase(null, 1L, new[] { 2, 2, 2 }, 3)]
    [TestCase(2L, 1L, new[] { 4, 2 }, 2)]
    [TestCase(null, 0L, new[] { 2, 2, 2 }, 3)]
    public void A_tensor_is_split_to_a_sequence(long? part, long keep, int[] sizes, int count)
    {
        List<NodeProto> nodes = [Made.Node("SplitToSequence", part is null ? ["x"] : ["x", "part"], ["s"], Made.Int("axis", 0), Made.Int("keepdims", keep))];
        nodes.Add(Constant("part", part ?? 0));
        for (int i = 0; i < count; i++)
        {
            nodes.Add(Constant($"i{i}", i));
            nodes.Add(Made.Node("SequenceAt", ["s", $"i{i}"], [$"y{i}"]));
        }

        OnnxModel model = Parse([Any("x")], [.. Enumerable.Range(0, count).Select(i => $"y{i}")], [.. nodes]);
        Graph graph = model.Specialize(Tensor.Of<float>(DType.F32, new Shape(3, 2), 1, 2, 3, 4, 5, 6));
        Assert.That(graph.Outputs.Select(output => (int)graph.TypeOf(output.Value).Elements), Is.EqualTo(sizes));
        Assert.That(graph.TypeOf(graph.Outputs[0].Value).Shape.Rank, Is.EqualTo(keep == 1 ? 2 : 1));
    }

    [Test]
    public void A_body_is_mapped_over_sequences()
    {
        GraphProto body = Made.Graph(["e", "k"], ["sum", "minus"], Made.Node("Add", ["e", "k"], ["sum"]), Made.Node("Neg", ["e"], ["minus"]));
        OnnxModel model = Parse(
            [Any("x")],
            ["y", "z"],
            Made.Node("SplitToSequence", ["x"], ["s"], Made.Int("axis", 0)),
            Real("ten", 10),
            Made.Node("SequenceMap", ["s", "ten"], ["a", "b"], Made.Body("body", body)),
            Made.Node("ConcatFromSequence", ["a"], ["y"], Made.Int("axis", 0)),
            Made.Node("ConcatFromSequence", ["b"], ["z"], Made.Int("axis", 0)));
        Tensor x = F32(1, 2, 3);
        Graph graph = model.Specialize(x);
        ImmutableArray<Tensor> outputs = new Executor(graph, new ReferenceBackend()).Run([x]);
        Assert.That(outputs[0].As<float>().ToArray(), Is.EqualTo([11f, 12, 13]));
        Assert.That(outputs[1].As<float>().ToArray(), Is.EqualTo([-1f, -2, -3]));
    }

    [Test]
    public void A_branch_may_give_an_optional()
    {
        GraphProto none = Made.Graph([], ["o"], Made.Node("Optional", [], ["o"], new AttributeProto { Name = "type", Type = 13, Tp = Any("o").Type }));
        GraphProto some = Made.Graph([], ["o"], Made.Node("Optional", ["x"], ["o"]));
        OnnxModel model = Parse(
            [Made.Value("x", DType.F32, 2), Made.Value("c", DType.Bool)], ["has"], If("c", "o", some, none), Made.Node("OptionalHasElement", ["o"], ["has"]));
        foreach (Tensor c in new[] { True, False })
        {
            Graph graph = model.Specialize(F32(1, 2), c);
            Assert.That(new Executor(graph, new ReferenceBackend()).Run([F32(1, 2), c])[0].Bytes.Span[0], Is.EqualTo(c.Bytes.Span[0]));
        }
    }

    [Test]
    public void Sequences_that_do_not_fit_are_refused()
    {
        void Check(string message, params NodeProto[] nodes) => Assert.That(
            () => Parse([Made.Value("x", DType.F32, 2), Made.Value("i", DType.I64, 2)], ["y"], [Made.Node("SequenceConstruct", ["x"], ["s"]), .. nodes])
                .Specialize(F32(1, 2), Tensor.Of<long>(DType.I64, new Shape(2), 1, 2)),
            Throws.Exception.With.Message.EndsWith(message));
        Check("node 'n_y' (Neg): input 0 is a sequence, not a tensor", Made.Node("Neg", ["s"], ["y"]));
        Check("output 'y' is a sequence, not a tensor", Made.Node("Identity", ["s"], ["y"]));
        Check("node 'n_y' (SequenceAt): position 1 of a sequence of 1", Constant("one", 1), Made.Node("SequenceAt", ["s", "one"], ["y"]));
        Check("node 'n_y' (SequenceLength): input 0 is a tensor, not a sequence", Made.Node("SequenceLength", ["x"], ["y"]));
        Check("node 'n_y' (SequenceInsert): i64[2] in a sequence of f32", Made.Node("SequenceInsert", ["s", "i"], ["y"]));
        Check("node 'n_y' (SequenceConstruct): elements of several types", Made.Node("SequenceConstruct", ["x", "i"], ["y"]));
        Check("node 'n_y' (OptionalGetElement): the optional is empty", Made.Node("Optional", [], ["o"]), Made.Node("OptionalGetElement", ["o"], ["y"]));
    }
}
