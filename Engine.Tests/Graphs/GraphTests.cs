using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Graphs;

internal sealed class GraphTests
{
    /// <summary>Of nodes that are each computed again for all committed values behind, no list is kept for each of these.</summary>
    [Test]
    public void Cuts_of_long_chains_of_values_that_are_not_committed_are_small()
    {
        const int Pairs = 4000;
        static ValueRef Value(int node) => new(ValueKind.Node, node);
        ImmutableArray<ImmutableArray<ValueRef>> inputs =
            [.. Enumerable.Range(0, 2 * Pairs).Select(node => node == 0 ? [] : ImmutableArray.Create(Value(node % 2 == 0 ? node - 2 : node - 1)))];
        ImmutableHashSet<ValueRef> committed = [.. Enumerable.Range(0, Pairs).Select(pair => Value((2 * pair) + 1))];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Cuts cuts = new(inputs, [.. inputs.Select(_ => false)], [.. inputs.Select(_ => 1)], committed);
        ImmutableArray<int> last = cuts.Nodes((2 * Pairs) - 2, 2 * Pairs);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(Pairs * Pairs), "bytes");
        Assert.That(cuts.Positions, Has.Length.EqualTo(Pairs));
        Assert.That(last, Is.EqualTo(Enumerable.Range(0, Pairs).Select(pair => 2 * pair).Append((2 * Pairs) - 1)));
        Assert.That(cuts.Nodes(0, 2 * Pairs), Is.EqualTo(Enumerable.Range(0, 2 * Pairs)));
    }

    private static readonly TensorType Pair = new(DType.F32, new Shape(2));
    private static readonly ValueRef Input = new(ValueKind.Input, 0);

    [Test]
    public void A_defect_is_named_once_each()
    {
        ImmutableArray<Node> nodes =
        [
            new("ahead", Add.Instance, [Input, new(ValueKind.Node, 1)], [Pair]),
            new("type", Relu.Instance, [Input], [new TensorType(DType.F64, new Shape(2))]),
            new("slot", Relu.Instance, [new(ValueKind.Node, 0, 1)], [Pair]),
            new("kind", Relu.Instance, [new(0, 0)], [Pair]),
            new("refused", Not.Instance, [Input], [Pair]),
        ];
        Graph? graph = Graph.TryCreate(
            [new("x", Pair), new("x", Pair)], [], nodes, [new("y", new(ValueKind.Node, 9))], out ImmutableArray<string> defects);
        Assert.Multiple(() =>
        {
            Assert.That(graph, Is.Null);
            Assert.That(defects, Has.Length.EqualTo(7));
            Assert.That(defects, Has.One.Contains("input 'x' occurs twice"));
            Assert.That(defects, Has.One.Contains("node 0 'ahead' (Add): refers to Node 1 slot 0"));
            Assert.That(defects, Has.One.Contains("node 1 'type' (Relu): its outputs are f32[2], not f64[2]"));
            Assert.That(defects, Has.One.Contains("node 2 'slot' (Relu): refers to Node 0 slot 1"));
            Assert.That(defects, Has.One.Contains("node 3 'kind' (Relu): refers to 0 0 slot 0"));
            Assert.That(defects, Has.One.Contains("node 4 'refused' (Not): Not/1: takes one input (Integer, Bool); got f32[2]"));
            Assert.That(defects, Has.One.Contains("output 'y': refers to Node 9"));
        });
    }

    [Test]
    public void A_view_of_a_view_is_refused_and_never_built()
    {
        View view = new(AffineView.Identity(Pair.Shape).Slice(0, 1, -1, 2));
        ImmutableArray<Node> nodes = [new("a", view, [Input], [Pair]), new("b", view, [new(ValueKind.Node, 0)], [Pair])];
        Graph.TryCreate([new("x", Pair)], [], nodes, [new("y", new(ValueKind.Node, 1))], out ImmutableArray<string> defects);
        Assert.That(defects.Single(), Does.Contain("a view refers to a view"));

        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(2, 3)));
        ValueRef turned = builder.Transpose("t", x, 1, 0);
        ValueRef back = builder.Transpose("t", turned, 1, 0);
        ValueRef flat = builder.Reshape("r", turned, new Shape(6));
        Graph graph = builder.Build([new("flat", flat), new("back", back)]);
        Assert.Multiple(() =>
        {
            Assert.That(back, Is.EqualTo(x), "turned twice is the value itself");
            Assert.That(string.Join(" ", graph.Nodes.Select(node => node.Op.Name)), Is.EqualTo("View Copy View"));
        });
    }

    [Test]
    public void What_is_stored_or_laid_out_must_fit_in_one_array()
    {
        TensorType one = new(DType.F32, new Shape(1));
        TensorType many = new(DType.F32, new Shape(1L << 39));
        View repeat = new(AffineView.Identity(one.Shape).Expand(many.Shape));
        ValueRef repeated = new(ValueKind.Node, 0);
        string[] Defects(ImmutableArray<GraphInput> inputs, ImmutableArray<Node> nodes, ValueRef output)
        {
            Graph.TryCreate(inputs, [], nodes, [new("y", output)], out ImmutableArray<string> defects);
            return [.. defects];
        }

        Node view = new("v", repeat, [Input], [many]);
        Reduce fold = new(Reduction.Sum, 1);
        Node sum = new("sum", fold, [repeated], fold.Infer([many]));
        Node copy = new("copy", Copy.Instance, [repeated], [many]);
        Assert.Multiple(() =>
        {
            Assert.That(Defects([new("x", one)], [view], Input), Is.Empty, "a view costs nothing");
            Assert.That(Defects([new("x", one)], [view], repeated).Single(), Does.Contain("output 'y': f32[549755813888] is larger"));
            Assert.That(Defects([new("x", one)], [view, sum], new(ValueKind.Node, 1)).Single(), Does.Contain("node 1 'sum' (Reduce): f32[549755813888]"));
            Assert.That(Defects([new("x", one)], [view, copy], Input), Has.Length.EqualTo(2), "what is read, and what is made");
            Assert.That(Defects([new("x", many)], [], Input), Has.One.Contains("input 'x': f32[549755813888] is larger"));
            Assert.That(Defects([new("x", new TensorType(DType.None, one.Shape))], [], Input), Has.One.Contains("input 'x': 0 is no element type"));
        });
    }

    [Test]
    public void A_window_beyond_every_bound_is_refused_or_runs()
    {
        Tensor x = Tensor.Of<float>(DType.F32, new Shape(1, 1, 2, 1000), new float[2000]);
        Window pads = new([1, 1], [1, 1], [1, 1], [long.MinValue, 0], [0, 0], [1, 1]);
        long most = (1L << 31) - 1;
        Window far = new([2, 1], [most, 1], [most, 1], [0, 0], [0, 0], [most, 1]);
        Window taps = new([1L << 16, 1L << 15], [1, 1], [1, 1], [0, 0], [0, 0], [0, 0]);
        Tensor channels = Tensor.Of<float>(DType.F32, new Shape(1, 0, 2, 2));
        Tensor kernels = Tensor.Of<float>(DType.F32, new Shape(1, 0, 1L << 16, 1L << 15));
        byte[] last = new byte[sizeof(float)];
        new MaxPool(far, columnMajor: false).Evaluate(new TensorReader([x]), 0, most - 1, new ElementWriter(DType.F32, last));
        Assert.Multiple(() =>
        {
            Assert.That(() => new MaxPool(pads, columnMajor: false), Throws.ArgumentException);
            Assert.That(BitConverter.ToSingle(last), Is.EqualTo(float.NegativeInfinity), "an empty window");
            Assert.That(ReferenceBackend.Evaluate(new MaxPool(taps, columnMajor: false), x)[0].Type.Elements, Is.Zero);
            Assert.That(
                ReferenceBackend.Evaluate(new Conv(taps with { Output = [1, 1] }, 1), channels, kernels)[0].As<float>()[0],
                Is.Zero,
                "nothing contracted, however many taps");
        });
    }

    [Test]
    public void What_no_output_needs_is_left_out()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", Pair);
        builder.Input("unused", Pair);
        ValueRef weight = builder.Parameter("dead", Tensor.Of<float>(DType.F32, new Shape(2), 1f, 2f));
        builder.Add("dead", Add.Instance, x, weight);
        Graph graph = builder.Build([new("y", builder.Add("live", Relu.Instance, x))]);
        Assert.Multiple(() =>
        {
            Assert.That(string.Join(" ", graph.Inputs.Select(input => input.Name)), Is.EqualTo("x unused"));
            Assert.That(graph.Parameters, Is.Empty);
            Assert.That(graph.Nodes.Single().Name, Is.EqualTo("live"));
        });
    }
}
