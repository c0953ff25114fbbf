using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators that make one number of many along axes.</summary>
internal static class Reductions
{
    private const int FirstSumAxes = 13;
    private const int FirstAxes = 18;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        Reduce("ReduceSum", Reduction.Sum, FirstSumAxes),
        Reduce("ReduceMean", Reduction.Mean, FirstAxes),
        Reduce("ReduceProd", Reduction.Prod, FirstAxes),
        Reduce("ReduceMax", Reduction.Max, FirstAxes),
        Reduce("ReduceMin", Reduction.Min, FirstAxes),
        Reduce("ReduceL1", Reduction.L1, FirstAxes),
        Reduce("ReduceL2", Reduction.L2, FirstAxes),
        Reduce("ReduceSumSquare", Reduction.SumSquare, FirstAxes),
        Reduce("ReduceLogSum", Reduction.LogSum, FirstAxes),
        Reduce("ReduceLogSumExp", Reduction.LogSumExp, FirstAxes),
    ];

    /// <summary>A value with the given axes moved last, in their order, and its shape with those axes of extent 1 or left out.</summary>
    internal static (ValueRef Moved, Shape Kept) MoveLast(NodeImport node, ValueRef x, ImmutableArray<int> axes, bool keep)
    {
        Shape shape = node.Shape(x);
        ImmutableArray<int> others = [.. Enumerable.Range(0, shape.Rank).Where(axis => !axes.Contains(axis))];
        Shape kept = keep
            ? new Shape([.. Enumerable.Range(0, shape.Rank).Select(axis => axes.Contains(axis) ? 1 : shape[axis])])
            : new Shape([.. others.Select(axis => shape[axis])]);
        return (node.Transpose(x, [.. others, .. axes]), kept);
    }

    // The axes are an attribute first and an operand since an opset; an operand of a lower opset is refused with the operand count.
    private static OnnxOp Reduce(string name, Reduction kind, int firstOperand) => new(
        name,
        (1, 2),
        node => Lower(node, kind),
        Ints("axes", until: firstOperand - 1),
        Int("keepdims"),
        Int("noop_with_empty_axes", since: firstOperand))
    {
        Since = 1,
    };

    private static ValueRef Lower(NodeImport node, Reduction kind)
    {
        ValueRef x = node.Input(0);
        int rank = node.Shape(x).Rank;
        ImmutableArray<long> given = node.Integers("axes", 1) ?? [];
        bool all = given.IsEmpty && !node.Attributes.Flag("noop_with_empty_axes");
        ImmutableArray<int> axes = all ? [.. Enumerable.Range(0, rank)] : node.Axes(given, rank);
        (ValueRef moved, Shape kept) = MoveLast(node, x, axes, node.Attributes.Flag("keepdims", true));

        // Roots and logarithms of integers are taken in f64 and truncated.
        DType type = node.DType(x);
        bool isRoot = kind is Reduction.L2 or Reduction.LogSum or Reduction.LogSumExp;
        ValueRef terms = isRoot && type.IsInteger() ? node.Cast(moved, DType.F64) : moved;
        return node.Reshape(node.Cast(node.Add(new Reduce(kind, axes.Length), terms), type), kept);
    }
}
