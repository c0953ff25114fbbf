using System.Globalization;

using NUnit.Framework;

using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Bounds of slices, pads that go around, and operators below opset 6: against values worked out by hand.</summary>
internal sealed class ShapeVariantTests
{
    [TestCase("-9:-8:-1", "0")]
    [TestCase("-9:9:-1", "")]
    [TestCase("-9:-4:-1", "")]
    [TestCase("9:-9:-1", "3 2 1 0")]
    [TestCase("9:-9:-3", "3 0")]
    [TestCase("-1:0:-1", "3 2 1")]
    [TestCase("-9:9:2", "0 2")]
    [TestCase("-9:-9:2", "")]
    public void Bounds_of_slices_are_brought_into_reach(string bounds, string expected)
    {
        long[] parts = [.. bounds.Split(':').Select(part => long.Parse(part, CultureInfo.InvariantCulture))];
        Tensor[] inputs = [OneNode.Ramp(4), OneNode.I64(parts[0]), OneNode.I64(parts[1]), OneNode.I64(0), OneNode.I64(parts[2])];
        Assert.That(string.Join(' ', new OneNode("Slice", 13).Floats(inputs)), Is.EqualTo(expected));
        Tensor empty = OneNode.F32([0, 1]);
        Assert.That(new OneNode("Slice", 13).Run([empty, .. inputs[1..]]).Type, Is.EqualTo(empty.Type));
    }

    [Test]
    public void Slice_with_operands_was_an_experiment_before_opset_10()
    {
        OneNode slice = new("DynamicSlice", 9);
        Assert.That(slice.Floats(OneNode.Ramp(2, 3), OneNode.I64(-2), OneNode.I64(1000), OneNode.I64(1)), Is.EqualTo(new float[] { 1, 2, 4, 5 }));
        Assert.That(slice.Floats(OneNode.Ramp(2, 3), OneNode.I64(1, 0), OneNode.I64(2, -1)), Is.EqualTo(new float[] { 3, 4 }));
    }

    [TestCase(3, 0, "0 1 2 0 1 2")]
    [TestCase(5, 7, "1 2 0 1 2 0 1 2 0 1 2 0 1 2 0")]
    [TestCase(-1, 4, "1 2 1 2 1 2")]
    [TestCase(-2, 3, "2 2 2 2")]
    [TestCase(0, 6, "0 1 2 0 1 2 0 1 2")]
    public void Pads_wrap_as_often_as_it_takes(long begin, long end, string expected)
    {
        AttributeProto mode = Made.Text("mode", "wrap");
        float[] y = new OneNode("Pad", 19, mode).Floats(OneNode.Ramp(3), OneNode.I64(begin, end));
        Assert.That(string.Join(' ', y), Is.EqualTo(expected));
    }

    [TestCase("Softplus", 1, 13)]
    [TestCase("Softsign", 1, 13)]
    [TestCase("Softmax", 1, 11)]
    [TestCase("LogSoftmax", 1, 11)]
    [TestCase("Hardmax", 1, 11)]
    [TestCase("Flatten", 1, 11)]
    [TestCase("GlobalAveragePool", 1, 13)]
    [TestCase("GlobalMaxPool", 1, 13)]
    [TestCase("GlobalLpPool", 2, 13)]
    [TestCase("LpNormalization", 1, 13)]
    [TestCase("Identity", 1, 13)]
    [TestCase("Transpose", 1, 13)]
    [TestCase("Shape", 1, 13)]
    [TestCase("Size", 1, 13)]
    [TestCase("Squeeze", 1, 11)]
    [TestCase("ArgMax", 1, 11)]
    [TestCase("ReduceSum", 1, 11)]
    public void Operators_that_opset_6_did_not_change_are_taken_below_it(string op, long below, long later)
    {
        Tensor x = OneNode.F32([2, 1, 2, 2], 1, -2, 3, 0.5f, -0.25f, 8, 1, 4);
        Tensor y = new OneNode(op, below).Run(x);
        Tensor same = new OneNode(op, later).Run(x);
        Assert.That(y.Type, Is.EqualTo(same.Type));
        Assert.That(y.Bytes.Span.SequenceEqual(same.Bytes.Span));
    }
}
