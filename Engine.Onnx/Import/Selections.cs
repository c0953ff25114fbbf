using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators that choose elements.</summary>
internal static class Selections
{
    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("Gather", (2, 2), Gather, Int("axis")) { Since = 1 },
        new("Concat", (1, int.MaxValue), Concat, Int("axis") with { IsRequired = true }) { Since = 4 },
        new("Trilu", (1, 2), Triangle, Int("upper")),
        new("OneHot", (3, 3), OneHot, Int("axis")),
        new("CenterCropPad", (2, 2), CenterCropPad, Ints("axes")) { Since = 18 },
    ];

    private static ValueRef Gather(NodeImport node)
    {
        int axis = node.Axis(node.Attributes.Int("axis", 0), node.Shape(node.Input(0)).Rank);
        return node.Add(new Gather(axis), node.Input(0), node.Input(1));
    }

    private static ValueRef Concat(NodeImport node)
    {
        ImmutableArray<ValueRef> inputs = node.All();
        int axis = node.Axis(node.Attributes.Int("axis", 0), node.Shape(inputs[0]).Rank);
        return inputs.Length == 1 ? inputs[0] : node.Add(new Concat(axis), inputs.AsSpan());
    }

    // Row i keeps the columns j >= i + k (upper) or j <= i + k.
    private static ValueRef Triangle(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        if (shape.Rank < 2)
        {
            throw node.Invalid($"{shape} is not a matrix");
        }

        long k = node.Has(1) ? node.Integer(1) : 0;
        ValueRef rows = node.Reshape(node.Add(new Range(shape[^2]), node.Number(k), node.Number(1)), shape[^2], 1);
        ValueRef columns = node.Counting(shape[^1]);
        Op test = node.Attributes.Flag("upper", true) ? GreaterOrEqual.Instance : LessOrEqual.Instance;
        ValueRef kept = node.Expand(node.Broadcast(test, columns, rows), shape);
        return node.Add(Where.Instance, kept, x, node.Expand(node.Scalar(node.DType(x), 0), shape));
    }

    // Indices below 0 count from the end; those outside -depth..depth-1 give a row that is off everywhere.
    private static ValueRef OneHot(NodeImport node)
    {
        Tensor depthValue = node.Value(1);
        if (depthValue.Type.Elements != 1)
        {
            throw node.Invalid($"the depth is {depthValue.Type}, not one element");
        }

        ValueRef indices = node.Cast(node.Input(0), DType.I64);
        Shape shape = node.Shape(indices);
        int axis = node.Axis(node.Attributes.Int("axis", -1), shape.Rank + 1);
        long depth = (long)node.Real(1);
        ValueRef codes = node.Counting(depth);
        ValueRef wrapped = node.Broadcast(
            Where.Instance, node.Broadcast(Less.Instance, indices, node.Number(0)), node.Broadcast(Add.Instance, indices, node.Number(depth)), indices);
        ValueRef slots = node.Reshape(wrapped, [.. shape.Extents[..axis], 1, .. shape.Extents[axis..]]);
        ValueRef hot = node.Broadcast(Equal.Instance, slots, node.Reshape(codes, [depth, .. Enumerable.Repeat(1L, shape.Rank - axis)]));
        ValueRef values = node.Input(2);
        ValueRef Choice(long index) => node.Expand(node.Reshape(node.Slice(values, 0, index, 1, 1), Shape.Scalar), node.Shape(hot));
        return node.Shape(values).Equals(new Shape(2))
            ? node.Add(Where.Instance, hot, Choice(1), Choice(0))
            : throw node.Invalid($"the values are {node.Type(values)}, not two elements");
    }

    // The middle of each axis, or zeros around it; what does not part evenly is less at the front.
    private static ValueRef CenterCropPad(NodeImport node)
    {
        ValueRef x = node.Input(0);
        int rank = node.Shape(x).Rank;
        ImmutableArray<long> extents = node.Integers(1);
        ImmutableArray<int> axes = node.Attributes.Ints("axes") is ImmutableArray<long> given
            ? [.. given.Select(axis => node.Axis(axis, rank))]
            : [.. Enumerable.Range(0, rank)];
        if (extents.Length != axes.Length || axes.Distinct().Count() != axes.Length || extents.Any(extent => extent < 0))
        {
            throw node.Invalid($"extents ({string.Join(',', extents)}) for {axes.Length} axes");
        }

        ValueRef zero = node.Scalar(node.DType(x), 0);
        for (int i = 0; i < axes.Length; i++)
        {
            Shape shape = node.Shape(x);
            long missing = extents[i] - shape[axes[i]];
            if (missing > 0)
            {
                ValueRef Zeros(long count) => node.Expand(zero, shape.With(axes[i], count));
                x = node.Add(new Concat(axes[i]), Zeros(missing / 2), x, Zeros(missing - (missing / 2)));
            }
            else
            {
                x = node.Slice(x, axes[i], -missing / 2, 1, extents[i]);
            }
        }

        return x;
    }
}
