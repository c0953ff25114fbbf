using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Graphs;

internal sealed class GraphTests
{
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
            Assert.That(defects, Has.One.Contains("node 4 'refused' (Not): Not/1: takes one input (Bool); got f32[2]"));
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
