using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Convolutions.</summary>
internal static class Convolutions
{
    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("Conv", (2, 3), Real, [.. Windows.Rules, Int("group")]),
        new("ConvInteger", (2, 4), Codes, [.. Windows.Rules, Int("group")]),
        new("QLinearConv", (8, 9), Quantized, [.. Windows.Rules, Int("group")]),
    ];

    internal static ValueRef Real(NodeImport node)
    {
        Conv conv = new(WindowOf(node, node.Input(0), node.Input(1)), Groups(node));
        return node.Optional(2) is ValueRef bias
            ? node.Add(conv, node.Input(0), node.Input(1), bias)
            : node.Add(conv, node.Input(0), node.Input(1));
    }

    private static ValueRef Codes(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef w = node.Input(1);
        ValueRef zeroX = node.Optional(2) ?? node.Scalar(node.DType(x), 0);
        ValueRef zeroW = node.Optional(3) ?? node.Scalar(node.DType(w), 0);
        return node.Add(
            new ConvInteger(WindowOf(node, x, w), Groups(node)), x, w, node.Reshape(zeroX, Shape.Scalar), PerRow(node, zeroW, w));
    }

    private static ValueRef Quantized(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef w = node.Input(3);
        QLinearConv conv = new(WindowOf(node, x, w), Groups(node));
        ImmutableArray<ValueRef> operands =
        [
            x,
            node.Reshape(node.Input(1), Shape.Scalar),
            node.Reshape(node.Input(2), Shape.Scalar),
            w,
            PerRow(node, node.Input(4), w),
            PerRow(node, node.Input(5), w),
            node.Reshape(node.Input(6), Shape.Scalar),
            node.Reshape(node.Input(7), Shape.Scalar),
        ];
        return node.Add(conv, (node.Optional(8) is ValueRef bias ? operands.Add(bias) : operands).AsSpan());
    }

    private static long Groups(NodeImport node) => node.Attributes.Int("group", 1);

    private static Window WindowOf(NodeImport node, ValueRef x, ValueRef w)
    {
        Shape shapeX = node.Shape(x);
        Shape shapeW = node.Shape(w);
        return shapeW.Rank < 3 || shapeW.Rank != shapeX.Rank
            ? throw node.Invalid($"X {shapeX} and W {shapeW} do not fit")
            : Windows.Of(node, shapeX, [.. shapeW.Extents[2..]]);
    }

    // A scale or zero point of W: one for all rows, or one a row.
    private static ValueRef PerRow(NodeImport node, ValueRef value, ValueRef w)
    {
        Shape rows = new(node.Shape(w)[0]);
        return node.Expand(node.Shape(value).Elements == 1 ? node.Reshape(value, Shape.Scalar) : value, rows);
    }
}
