using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>What flows back through one node: the derivative by an input, times what came to its output.</summary>
/// <param name="node">Where new ops go.</param>
/// <param name="made">The node.</param>
/// <param name="y">Its output.</param>
/// <param name="g">What came to it, of its shape.</param>
internal sealed class GradientRule(NodeImport node, Node made, ValueRef y, ValueRef g)
{
    private ValueRef X => made.Inputs[0];

    private ValueRef Other => made.Inputs[1];

    /// <summary>What flows to an input; null where nothing does.</summary>
    internal ValueRef? Of(int slot) => made.Op switch
    {
        Add or Copy => g,
        Sub => slot == 0 ? g : Apply(Neg.Instance, g),
        Mul => Apply(Mul.Instance, g, made.Inputs[1 - slot]),
        Div => slot == 0 ? Apply(Div.Instance, g, Other) : Apply(Neg.Instance, Apply(Div.Instance, Apply(Mul.Instance, g, y), Other)),
        Pow => Power(slot),
        Max => slot == 0 ? If(Apply(GreaterOrEqual.Instance, X, Other), g) : If(Apply(GreaterOrEqual.Instance, X, Other), null, g),
        Min => slot == 0 ? If(Apply(LessOrEqual.Instance, X, Other), g) : If(Apply(LessOrEqual.Instance, X, Other), null, g),
        Where => slot == 1 ? If(X, g) : If(X, null, g),
        Cast => node.Cast(g, node.DType(X)),
        View view => Viewed(view.Map),
        Dot dot => Product(dot, slot),
        Reduce reduce => Reduced(reduce),
        Softmax softmax => Normalized(softmax.Logarithm),
        Concat concat => Part(concat.Axis, slot),
        Unary unary => Apply(Mul.Instance, g, Derivative(unary)),
        _ => throw node.Unsupported($"'{made.Name}' ({made.Op.Name}) has no derivative here"),
    };

    private ValueRef Apply(Op op, params ReadOnlySpan<ValueRef> values) => node.Broadcast(op, values);

    private ValueRef Number(double value) => node.Scalar(node.DType(X), value);

    // One of two values, either of which may be zero.
    private ValueRef If(ValueRef condition, ValueRef? yes, ValueRef? no = null) => Apply(Where.Instance, condition, yes ?? Number(0), no ?? Number(0));

    private ValueRef Derivative(Unary unary) => unary switch
    {
        Neg => Number(-1),
        Abs => Apply(Sign.Instance, X),
        Exp => y,
        Log => Apply(Reciprocal.Instance, X),
        Sqrt => Apply(Div.Instance, Number(0.5), y),
        Reciprocal => Apply(Neg.Instance, Apply(Mul.Instance, y, y)),
        Tanh => Apply(Sub.Instance, Number(1), Apply(Mul.Instance, y, y)),
        Sigmoid => Apply(Mul.Instance, y, Apply(Sub.Instance, Number(1), y)),
        Softplus => Apply(Sigmoid.Instance, X),
        Sin => Apply(Cos.Instance, X),
        Cos => Apply(Neg.Instance, Apply(Sin.Instance, X)),
        Atan => Apply(Reciprocal.Instance, Apply(Ops.Add.Instance, Number(1), Apply(Mul.Instance, X, X))),
        Erf => Apply(Mul.Instance, Number(1.1283791670955126), Apply(Exp.Instance, Apply(Neg.Instance, Apply(Mul.Instance, X, X)))),
        Relu => If(Apply(Greater.Instance, X, Number(0)), Number(1)),
        LeakyRelu op => If(Apply(Less.Instance, X, Number(0)), Number(op.Alpha), Number(1)),
        Elu op => If(Apply(Less.Instance, X, Number(0)), Apply(Mul.Instance, Number(op.Alpha), Apply(Exp.Instance, X)), Number(1)),
        Floor or Ceil or Round or Sign => Number(0),
        _ => throw node.Unsupported($"'{made.Name}' ({made.Op.Name}) has no derivative here"),
    };

    // b·a^(b − 1) and y·log a.
    private ValueRef Power(int slot)
    {
        ValueRef derivative = slot == 0
            ? Apply(Mul.Instance, Other, Apply(Pow.Instance, X, Apply(Sub.Instance, Other, Number(1))))
            : Apply(Mul.Instance, y, Apply(Log.Instance, X));
        return Apply(Mul.Instance, g, derivative);
    }

    // Y = alpha·A·Bᵀ + beta·C: rows of g with columns of B, columns of g with columns of A.
    private ValueRef Product(Dot op, int slot)
    {
        Dot dot = new(op.Alpha, 1);
        return slot switch
        {
            0 => node.Add(dot, g, node.SwapLast(Other)),
            1 => node.Add(dot, node.SwapLast(g), node.SwapLast(X)),
            _ => op.Beta == 1 ? g : Apply(Mul.Instance, g, Number(op.Beta)),
        };
    }

    private ValueRef Reduced(Reduce reduce)
    {
        Shape shape = node.Shape(X);
        Shape column = new([.. shape.Extents[..^reduce.Axes], .. Enumerable.Repeat(1L, reduce.Axes)]);
        ValueRef Spread(ValueRef value) => node.Expand(node.Reshape(value, column), shape);
        ValueRef all = Spread(g);
        return reduce.Kind switch
        {
            Reduction.Sum => all,
            Reduction.Mean => Apply(Div.Instance, all, Number(shape.Product(shape.Rank - reduce.Axes, shape.Rank))),
            Reduction.L1 => Apply(Mul.Instance, all, Apply(Sign.Instance, X)),
            Reduction.SumSquare => Apply(Mul.Instance, all, Apply(Ops.Add.Instance, X, X)),
            Reduction.L2 => Apply(Mul.Instance, all, Apply(Div.Instance, X, Spread(y))),
            Reduction.LogSumExp => Apply(Mul.Instance, all, Apply(Exp.Instance, Apply(Sub.Instance, X, Spread(y)))),
            _ => throw node.Unsupported($"'{made.Name}' (Reduce {reduce.Kind}) has no derivative here"),
        };
    }

    // y·(g − Σ g·y), or g − exp(y)·Σ g.
    private ValueRef Normalized(bool logarithm)
    {
        Shape column = node.Shape(X).With(node.Shape(X).Rank - 1, 1);
        ValueRef Sum(ValueRef value) => node.Reshape(node.Add(new Reduce(Reduction.Sum, 1), value), column);
        return logarithm
            ? Apply(Sub.Instance, g, Apply(Mul.Instance, Apply(Exp.Instance, y), Sum(g)))
            : Apply(Mul.Instance, y, Apply(Sub.Instance, g, Sum(Apply(Mul.Instance, g, y))));
    }

    private ValueRef Part(int axis, int slot)
    {
        long from = made.Inputs.Take(slot).Sum(input => node.Shape(input)[axis]);
        return node.Slice(g, axis, from, 1, node.Shape(made.Inputs[slot])[axis]);
    }

    // What repeats an element is added up; the rest goes to its place, between zeros where the view leaves elements out.
    private ValueRef Viewed(AffineView map)
    {
        Shape source = node.Shape(X);
        if (map.Shape.Elements == 0)
        {
            return node.Expand(Number(0), source);
        }

        ImmutableArray<int> repeated = [.. Enumerable.Range(0, map.Shape.Rank).Where(axis => map.Shape[axis] > 1 && map.Strides[axis] == 0)];
        (ValueRef moved, _) = Reductions.MoveLast(node, g, repeated, keep: false);
        ValueRef value = repeated.IsEmpty ? g : node.Add(new Reduce(Reduction.Sum, repeated.Length), moved);
        List<(long Extent, long Stride)> axes =
            [.. Enumerable.Range(0, map.Shape.Rank).Where(axis => !repeated.Contains(axis)).Select(axis => (map.Shape[axis], map.Strides[axis]))];
        long offset = map.Offset;
        for (int axis = 0; axis < axes.Count; axis++)
        {
            (long extent, long stride) = axes[axis];
            if (extent > 1 && stride < 0)
            {
                value = node.Slice(value, axis, extent - 1, -1, extent);
                offset += (extent - 1) * stride;
                axes[axis] = (extent, -stride);
            }
        }

        int[] order = [.. Enumerable.Range(0, axes.Count).Where(axis => axes[axis].Extent > 1).OrderByDescending(axis => axes[axis].Stride)];
        ImmutableArray<int> ones = [.. Enumerable.Range(0, axes.Count).Where(axis => axes[axis].Extent == 1)];
        value = node.Transpose(value, [.. ones, .. order]);
        long block = 1;
        long lines = node.Shape(value).Elements;
        foreach (int axis in order.Reverse())
        {
            (long extent, long stride) = axes[axis];
            if (stride < block)
            {
                throw node.Unsupported($"'{made.Name}' is a view whose elements overlap");
            }

            value = Filled(node.Reshape(value, lines, block), stride - block);
            lines /= extent;
            block = extent * stride;
        }

        long rest = source.Elements - offset;
        ValueRef line = node.Reshape(value, 1, block);
        line = block > rest ? node.Slice(line, 1, 0, 1, rest) : Filled(line, rest - block);
        return node.Reshape(offset == 0 ? line : node.Add(new Concat(1), Zeros(1, offset), line), source);
    }

    private ValueRef Filled(ValueRef lines, long more)
        => more == 0 ? lines : node.Add(new Concat(1), lines, Zeros(node.Shape(lines)[0], more));

    private ValueRef Zeros(long lines, long width) => node.Expand(Number(0), new Shape(lines, width));
}
