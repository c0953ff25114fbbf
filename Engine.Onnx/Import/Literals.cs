using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Values that follow from attributes and shapes.</summary>
internal static class Literals
{
    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new(
            "Constant",
            (0, 0),
            Constant,
            new AttributeRule("value", AttributeKind.Tensor),
            Float("value_float", since: 12),
            Int("value_int", since: 12),
            new AttributeRule("value_floats", AttributeKind.Floats, Since: 12),
            Ints("value_ints", since: 12)),
        new("ConstantOfShape", (1, 1), ConstantOfShape, new AttributeRule("value", AttributeKind.Tensor)),
        new("Shape", (1, 1), ShapeOf, Int("start", since: 15), Int("end", since: 15)) { Since = 1 },
        new("Size", (1, 1), node => node.Literal(Scalars.Of(DType.I64, node.Shape(node.Input(0)).Elements))) { Since = 1 },
        new("EyeLike", (1, 1), EyeLike, ElementType("dtype"), Int("k")),
        new("Range", (3, 3), Range, Always("stash_type", 1, since: 27)),
    ];

    private static ValueRef Constant(NodeImport node)
    {
        OnnxAttributes attributes = node.Attributes;
        Tensor? value = attributes.Tensor("value");
        if (attributes.Has("value_float"))
        {
            value ??= Tensor.Of<float>(DType.F32, Shape.Scalar, attributes.Float("value_float", 0));
        }

        if (attributes.Int("value_int") is long integer)
        {
            value ??= Tensor.Of<long>(DType.I64, Shape.Scalar, integer);
        }

        if (attributes.Floats("value_floats") is ImmutableArray<float> floats)
        {
            value ??= Tensor.Of(DType.F32, new Shape(floats.Length), floats.AsSpan());
        }

        if (attributes.Ints("value_ints") is ImmutableArray<long> integers)
        {
            value ??= Scalars.Vector(integers.AsSpan());
        }

        return node.Literal(value ?? throw node.Invalid("a constant without a value"));
    }

    private static ValueRef ConstantOfShape(NodeImport node)
    {
        Tensor value = node.Attributes.Tensor("value") ?? Tensor.Of<float>(DType.F32, Shape.Scalar, 0f);
        if (value.Type.Elements != 1)
        {
            throw node.Invalid($"the value {value.Type} is not one element");
        }

        ValueRef scalar = node.Reshape(node.Literal(value), Shape.Scalar);
        return node.Expand(scalar, new Shape(node.Integers(0).AsSpan()));
    }

    private static ValueRef ShapeOf(NodeImport node)
    {
        ReadOnlySpan<long> extents = node.Shape(node.Input(0)).Extents;
        int start = Bound(node.Attributes.Int("start", 0), extents.Length);
        int end = Bound(node.Attributes.Int("end", extents.Length), extents.Length);
        return node.Literal(Scalars.Vector(extents[start..Math.Max(start, end)]));
    }

    private static int Bound(long index, int rank) => (int)Math.Clamp(index < 0 ? index + rank : index, 0, rank);

    // Element (i, j) is 1 where j = i + k.
    private static ValueRef EyeLike(NodeImport node)
    {
        TensorType like = node.Type(node.Input(0));
        if (like.Shape.Rank != 2)
        {
            throw node.Invalid($"{like} is not a matrix");
        }

        ValueRef rows = node.Add(new Ops.Range(like.Shape[0]), node.Number(node.Attributes.Int("k", 0)), node.Number(1));
        ValueRef columns = node.Counting(like.Shape[1]);
        ValueRef diagonal = node.Broadcast(Equal.Instance, node.Reshape(rows, like.Shape[0], 1), columns);
        return node.Cast(diagonal, (DType)node.Attributes.Int("dtype", (long)like.DType));
    }

    private static ValueRef Range(NodeImport node)
    {
        DType type = node.DType(node.Input(0));
        long count = type.IsReal() ? RealCount(node) : IntegerCount(node, type);
        return node.Add(new Ops.Range(count), node.Reshape(node.Input(0), Shape.Scalar), node.Reshape(node.Input(2), Shape.Scalar));
    }

    private static long IntegerCount(NodeImport node, DType type)
    {
        Int128 Widen(long value) => type == DType.U64 ? (Int128)unchecked((ulong)value) : value;
        Int128 distance = Widen(node.Integer(1)) - Widen(node.Integer(0));
        Int128 step = Widen(node.Integer(2));
        if (step == 0)
        {
            throw node.Invalid("a step of 0");
        }

        Int128 count = distance / step;
        count += distance % step != 0 && (distance < 0) == (step < 0) ? 1 : 0;
        return (long)Int128.Max(0, count);
    }

    private static long RealCount(NodeImport node)
    {
        double step = node.Real(2);
        double count = Math.Ceiling((node.Real(1) - node.Real(0)) / step);
        return step == 0 || !double.IsFinite(count) || count > Limits.Elements
            ? throw node.Invalid("the number of steps is not finite, or above the limit")
            : (long)Math.Max(0, count);
    }
}
