using NUnit.Framework;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Planning;

/// <summary>What nodes cost, counted by hand.</summary>
internal sealed class WorkTests
{
    [Test]
    public void Work_is_what_it_says()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(4, 8)));
        ValueRef row = builder.Input("row", new TensorType(DType.F32, new Shape(8)));
        ValueRef indices = builder.Input("indices", new TensorType(DType.I64, new Shape(2)));
        ValueRef w = builder.Parameter("w", Tensor.Of<float>(DType.F32, new Shape(5, 8), new float[40]));
        ValueRef table = builder.Parameter("table", Tensor.Of<float>(DType.F32, new Shape(1000, 8), new float[8000]));
        ValueRef[] values =
        [
            builder.Add("dot", Dot.Plain, x, w),
            builder.Add("sum", Add.Instance, x, builder.Expand("row", row, new Shape(4, 8))),
            builder.Add("relu", Relu.Instance, x),
            builder.Add("gather", new Gather(0), table, indices),
            builder.Transpose("view", x, 1, 0),
        ];
        Graph graph = builder.Build([.. values.Select((value, i) => new GraphOutput($"y{i}", value))]);
        Work Of(string name) => Work.Of(graph, graph.Nodes.First(node => node.Name == name));
        Assert.Multiple(() =>
        {
            Assert.That(Of("dot"), Is.EqualTo(new Work(WorkClass.Product, 2 * 4 * 5 * 8, 4 * ((4 * 8) + (5 * 8) + (4 * 5)))));
            Assert.That(Of("sum"), Is.EqualTo(new Work(WorkClass.Other, 2 * 32, 4 * (32 + 8 + 32))), "a row that is repeated is read once");
            Assert.That(Of("relu"), Is.EqualTo(new Work(WorkClass.Other, 32, 4 * 64)));
            Assert.That(Of("gather").Bytes, Is.EqualTo((4 * 16) + (4 * 16) + (8 * 2)), "two rows of the table");
            Assert.That(Of("view"), Is.EqualTo(Work.Nothing));
        });
    }

    [Test]
    public void Time_is_the_longer_of_computing_and_moving()
    {
        Device device = new("d", new Speed(2, 4, 1), 0, 8) { LaunchMicroseconds = 1, Without = ["Neg"] };
        Node Of(Op op) => new("n", op, [], []);
        Assert.Multiple(() =>
        {
            Assert.That(device.TimeOf(Of(Dot.Plain), new Work(WorkClass.Product, 1000, 0)), Is.EqualTo(1_000_000 + 500_000));
            Assert.That(device.TimeOf(Of(DotInteger.Instance), new Work(WorkClass.IntegerProduct, 1000, 0)), Is.EqualTo(1_000_000 + 250_000));
            Assert.That(device.TimeOf(Of(Add.Instance), new Work(WorkClass.Other, 1, 8_000_000)), Is.EqualTo(1_000_000 + 1_000_000_000));
            Assert.That(device.TimeOf(Of(Add.Instance), new Work(WorkClass.Other, 1, 3)), Is.EqualTo(1_000_000 + 1000));
            Assert.That(device.TimeOf(Of(Neg.Instance), Work.Nothing), Is.EqualTo(Cluster.Never));
            Assert.That(new Link(3, 2).TimeOf(1), Is.EqualTo(2_000_334), "rounded up");
            Assert.That(new Link(3, 2).TimeOf(0), Is.Zero);
        });
    }
}
