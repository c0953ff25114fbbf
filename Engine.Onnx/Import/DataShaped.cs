using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators whose results have as many elements as the values say: these values must be known, and places in them become
/// literals.</summary>
internal static class DataShaped
{
    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("Compress", (2, 2), Compress, Int("axis")) { Since = 9 },
        new("NonZero", (1, 1), NonZero) { Since = 9 },
        new("Unique", (1, 1), 4, Unique, Int("axis"), Int("sorted")) { Since = 11 },
        new("NonMaxSuppression", (2, 5), NonMaxSuppression, Int("center_point_box")) { Since = 10 },
    ];

    private static ValueRef Compress(NodeImport node)
    {
        (ValueRef x, int axis) = Lines(node);
        if (node.DType(node.Input(1)) != DType.Bool || node.Shape(node.Input(1)).Rank != 1)
        {
            throw node.Invalid($"the condition is {node.Type(node.Input(1))}, not a vector of truth values");
        }

        long[] kept = [.. Places(node.Deciding(1))];
        return kept.Length == 0 || kept[^1] < node.Shape(x)[axis]
            ? node.Add(new Gather(axis), x, node.Literal(Scalars.Vector(kept)))
            : throw node.Invalid($"the condition holds at {kept[^1]} of {node.Shape(x)[axis]}");
    }

    // One row of coordinates an axis; a scalar has none, so its result is empty.
    private static ValueRef NonZero(NodeImport node)
    {
        Shape shape = node.Shape(node.Input(0));
        long[] places = [.. Places(node.Deciding(0))];
        ImmutableArray<long> strides = shape.Strides();
        long[] coordinates =
            [.. Enumerable.Range(0, shape.Rank).SelectMany(axis => places.Select(place => place / strides[axis] % shape[axis]))];
        return node.Literal(Tensor.Of<long>(DType.I64, new Shape(shape.Rank, places.Length), coordinates));
    }

    private static ImmutableArray<ValueRef> Unique(NodeImport node)
    {
        (ValueRef x, int axis) = Lines(node);
        Tensor value = node.Deciding(0);
        node.Table(node.Shape(x)[axis]);
        UniqueSlices slices = UniqueSlices.Of(new Tensor(value.Type with { Shape = node.Shape(x) }, value.Bytes), axis, node.Attributes.Flag("sorted", true));
        ValueRef firsts = node.Literal(Scalars.Vector(slices.Firsts.AsSpan()));
        ValueRef inverse = node.Literal(Scalars.Vector(slices.Inverse.AsSpan()));
        return [node.Add(new Gather(axis), x, firsts), firsts, inverse, node.Literal(Scalars.Vector(slices.Counts.AsSpan()))];
    }

    private static ValueRef NonMaxSuppression(NodeImport node)
    {
        TensorType boxes = node.Type(node.Input(0));
        TensorType scores = node.Type(node.Input(1));
        bool fits = boxes.DType == DType.F32 && scores.DType == DType.F32 && boxes.Shape.Rank == 3 && scores.Shape.Rank == 3
            && boxes.Shape[2] == 4 && boxes.Shape[0] == scores.Shape[0] && boxes.Shape[1] == scores.Shape[2];
        if (!fits)
        {
            throw node.Invalid($"{boxes} and {scores} are not f32 [batch, n, 4] and [batch, classes, n]");
        }

        BoxChoice choice = new(
            IsCentred: node.Attributes.Int("center_point_box", 0) switch
            {
                0 => false,
                1 => true,
                long other => throw node.Invalid($"center_point_box = {other}"),
            },
            Most: node.Has(2) ? node.Integer(2) : 0,
            Overlap: node.Has(3) ? (float)node.Real(3) : 0f,
            Least: node.Has(4) ? (float)node.Real(4) : null);
        long[] chosen = choice.Of(node.Deciding(0), node.Deciding(1), node.Spend);
        return node.Literal(Tensor.Of<long>(DType.I64, new Shape(chosen.Length / 3, 3), chosen));
    }

    // The first operand and the axis of its slices; without an axis its elements are one line.
    private static (ValueRef X, int Axis) Lines(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        return node.Attributes.Int("axis") is long axis ? (x, node.Axis(axis, shape.Rank)) : (node.Reshape(x, shape.Elements), 0);
    }

    // Where elements are not zero; a NaN is not.
    private static IEnumerable<long> Places(Tensor value)
    {
        byte[] isSet = ReferenceBackend.Evaluate(new Cast(DType.Bool), value)[0].Bytes.ToArray();
        for (int place = 0; place < isSet.Length; place++)
        {
            if (isSet[place] != 0)
            {
                yield return place;
            }
        }
    }
}
