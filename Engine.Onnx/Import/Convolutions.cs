using System.Collections.Immutable;
using System.Linq;

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
        new("Conv", (2, 3), Real, [.. Windows.Rules, Int("group")]) { Since = 1 },
        new("ConvTranspose", (2, 3), Transposed, [.. Windows.Rules, Int("group"), Ints("output_padding"), Ints("output_shape")]) { Since = 1 },
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

    // A convolution of X with zeros between its elements, by the kernels turned round.
    private static ValueRef Transposed(NodeImport node)
    {
        Shape x = node.Shape(node.Input(0));
        Shape w = node.Shape(node.Input(1));
        long groups = Groups(node);
        if (x.Rank < 3 || w.Rank != x.Rank || w[0] != x[1] || groups < 1 || x[1] % groups != 0)
        {
            throw node.Invalid($"X {x} and W {w} do not fit {groups} groups");
        }

        Stretch stretch = Stretch.Of(node, x, w);
        ValueRef stuffed = Stuffed(node, node.Input(0), stretch.Strides);
        ValueRef kernel = node.Input(1);
        for (int axis = 2; axis < w.Rank; axis++)
        {
            kernel = node.Slice(kernel, axis, w[axis] - 1, -1, w[axis]);
        }

        // [C, M / groups, ..] becomes [M, C / groups, ..].
        kernel = node.Reshape(kernel, new Shape([groups, x[1] / groups, w[1], .. w.Extents[2..]]));
        kernel = node.Transpose(kernel, [0, 2, 1, .. Enumerable.Range(3, w.Rank - 2)]);
        kernel = node.Reshape(kernel, new Shape([groups * w[1], x[1] / groups, .. w.Extents[2..]]));
        Conv conv = new(stretch.Window, groups);
        return node.Optional(2) is ValueRef bias ? node.Add(conv, stuffed, kernel, bias) : node.Add(conv, stuffed, kernel);
    }

    private static ValueRef Stuffed(NodeImport node, ValueRef x, ImmutableArray<long> strides)
    {
        for (int axis = 2; axis < strides.Length + 2; axis++)
        {
            Shape shape = node.Shape(x);
            long stride = strides[axis - 2];
            if (stride == 1 || shape[axis] <= 1)
            {
                continue;
            }

            Shape apart = new([.. shape.Extents[..(axis + 1)], 1, .. shape.Extents[(axis + 1)..]]);
            ValueRef zeros = node.Expand(node.Scalar(node.DType(x), 0), apart.With(axis + 1, stride - 1));
            ValueRef wide = node.Add(new Concat(axis + 1), node.Reshape(x, apart), zeros);
            x = node.Reshape(wide, shape.With(axis, shape[axis] * stride));
        }

        return x;
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

    internal static ValueRef Quantized(NodeImport node) => Quantized(node, node.Input(0));

    internal static ValueRef Quantized(NodeImport node, ValueRef x)
    {
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
