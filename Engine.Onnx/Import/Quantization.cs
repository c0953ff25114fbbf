using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Between reals and integer codes.</summary>
internal static class Quantization
{
    private const int FirstAxis = 13;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new(
            "QuantizeLinear",
            (2, 3),
            Quantize,
            Int("axis", since: FirstAxis),
            Int("saturate", since: 19),
            Int("block_size", since: 21),
            ElementType("output_dtype", since: 21),
            ElementType("precision", since: 23)),
        new(
            "DequantizeLinear",
            (2, 3),
            Dequantize,
            Int("axis", since: FirstAxis),
            Int("block_size", since: 21),
            ElementType("output_dtype", since: 23)),
        new("DynamicQuantizeLinear", (1, 1), 3, Dynamic),
    ];

    private static ImmutableArray<ValueRef> Dynamic(NodeImport node)
    {
        ImmutableArray<ValueRef> outputs = node.AddMany(DynamicQuantizeLinear.Instance, node.Input(0));
        return [outputs[0], outputs[^2], outputs[^1]];
    }

    internal static ValueRef Quantize(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef scale = node.Input(1);
        DType type = (DType)node.Attributes.Int("output_dtype", 0);
        ValueRef zero = node.Optional(2) ?? node.Scalar(type == DType.None ? DType.U8 : type, 0);
        if (type != DType.None && node.DType(zero) != type)
        {
            throw node.Invalid($"the zero point is {node.DType(zero).Name()}, output_dtype {type.Name()}");
        }

        ValueRef zeros = Spread(node, zero, node.Shape(x));
        ValueRef scales = Spread(node, scale, node.Shape(x));
        DType precision = (DType)node.Attributes.Int("precision", (long)DType.F32);
        if (precision == DType.F32)
        {
            return node.Add(QuantizeLinear.Instance, x, scales, zeros);
        }

        // The division in another type; what is left is to round and to add the zero point.
        ValueRef quotient = precision.IsReal()
            ? node.Add(Div.Instance, node.Cast(x, precision), node.Cast(scales, precision))
            : throw node.Invalid($"attribute 'precision' is {precision.Name()}");
        ValueRef whole = node.Cast(node.Add(Round.Instance, quotient), DType.F32);
        return node.Add(QuantizeLinear.Instance, whole, node.Expand(node.Scalar(DType.F32, 1), node.Shape(x)), zeros);
    }

    internal static ValueRef Dequantize(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef scale = node.Input(1);
        Shape shape = node.Shape(x);
        ValueRef zero = node.Optional(2) ?? node.Scalar(node.DType(x), 0);
        DType stored = node.DType(scale);
        DType type = (DType)node.Attributes.Int("output_dtype", (long)stored);
        ValueRef scales = Spread(node, type == stored ? scale : node.Cast(scale, DType.F32), shape);
        return node.Cast(node.Add(DequantizeLinear.Instance, x, scales, Spread(node, zero, shape)), type);
    }

    // A scale or zero point at every element of X: one for all, one an index of the axis, or one a block along it.
    private static ValueRef Spread(NodeImport node, ValueRef value, Shape shape)
    {
        Shape given = node.Shape(value);
        long block = node.Attributes.Int("block_size", 0);
        if (given.Rank == 0 || (given.Elements == 1 && given.Rank == 1 && block == 0))
        {
            return node.Expand(node.Reshape(value, Shape.Scalar), shape);
        }

        int axis = shape.Rank == 1 ? 0 : node.Axis(node.Attributes.Int("axis", 1), shape.Rank);
        if (block == 0)
        {
            return given.Rank == 1
                ? node.Expand(node.Reshape(value, [given[0], .. Enumerable.Repeat(1L, shape.Rank - axis - 1)]), shape)
                : throw node.Invalid($"a scale or zero point of shape {given}");
        }

        long blocks = given.Rank == shape.Rank ? given[axis] : 0;
        if (block < 1 || blocks < 1 || !given.Equals(shape.With(axis, blocks)) || blocks != ((shape[axis] - 1) / block) + 1)
        {
            throw node.Invalid($"a scale or zero point of shape {given} for blocks of {block} along axis {axis} of {shape}");
        }

        ImmutableArray<long> before = [.. shape.Extents[..axis]];
        ImmutableArray<long> after = [.. shape.Extents[(axis + 1)..]];
        ValueRef split = node.Reshape(value, [.. before, blocks, 1, .. after]);
        ValueRef repeated = node.Expand(split, new Shape([.. before, blocks, block, .. after]));
        ValueRef joined = node.Reshape(repeated, [.. before, checked(blocks * block), .. after]);
        return node.Slice(joined, axis, 0, 1, shape[axis]);
    }
}
