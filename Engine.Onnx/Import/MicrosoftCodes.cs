using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators on integer codes of ONNX Runtime. Scales are f32 scalars unless a row has its own.</summary>
internal static class MicrosoftCodes
{
    private const string Domain = "com.microsoft.";

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        Named("QuantizeLinear", (2, 3), Quantization.Quantize, Int("axis"), Int("block_size")),
        Named("DequantizeLinear", (2, 3), Quantization.Dequantize, Int("axis"), Int("block_size")),
        Named("QLinearAdd", (7, 8), Sum),
        Named("QLinearMul", (7, 8), Product),
        Named("QLinearSigmoid", (4, 5), node => Through(node, x => node.Add(Sigmoid.Instance, x))),
        Named("QLinearLeakyRelu", (4, 5), node => Through(node, x => node.Add(new LeakyRelu(node.Attributes.Float("alpha", 0.01f)), x)), Float("alpha")),
        Named("QLinearSoftmax", (5, 5), Softmaxed, Int("axis"), Int("opset")),
        Named("QLinearReduceMean", (4, 5), Mean, Ints("axes"), Int("keepdims")),
        Named("QLinearGlobalAveragePool", (5, 5), GlobalAverage, Int("channels_last")),
        Named("QLinearAveragePool", (4, 5), Average, [.. Windows.Rules, Int("ceil_mode"), Int("count_include_pad"), Int("channels_last")]),
        Named(
            "QLinearConv",
            (8, 9),
            node => Channelwise(node, node.Attributes.Flag("channels_last"), x => Convolutions.Quantized(node, x)),
            [.. Windows.Rules, Int("group"), Int("channels_last")]),
        Named("NhwcMaxPool", (1, 1), Maximum, [.. Windows.Rules, Int("ceil_mode")]),
        Named("QLinearConcat", (5, int.MaxValue), Joined, Int("axis") with { IsRequired = true }),
        Named("QLinearWhere", (9, 9), Chosen),
        Named("QGemm", (6, 9), Gemm, Float("alpha"), Int("transA"), Int("transB")),
        Named("DynamicQuantizeMatMul", (3, 5), DynamicProduct),
        Named("MatMulIntegerToFloat", (4, 7), IntegerToReal),
    ];

    private static OnnxOp Named(
        string name, (int Least, int Most) inputs, Func<NodeImport, ValueRef> lower, params ImmutableArray<Reading.AttributeRule> attributes)
        => new(Domain + name, inputs, lower, attributes) { Since = 1 };

    private static ValueRef Scalar(NodeImport node, int index) => node.Reshape(node.Input(index), Shape.Scalar);

    // A zero point that may be left out, like the codes that it belongs to.
    private static ValueRef Zero(NodeImport node, int index, ValueRef codes)
        => node.Has(index) ? Scalar(node, index) : node.Scalar(node.DType(codes), 0);

    private static ValueRef Real(NodeImport node, ValueRef codes) => node.Cast(codes, DType.F32);

    private static ValueRef Binary(NodeImport node, Op op, ValueRef a, ValueRef b) => node.Broadcast(op, a, b);

    // f32 as codes of a type: to the nearest, ties to even, within the type.
    private static ValueRef Rounded(NodeImport node, ValueRef x, DType type) => node.Cast(node.Add(Round.Instance, x), type);

    private static ValueRef Decoded(NodeImport node, ValueRef codes, ValueRef scale, ValueRef zero)
        => node.Add(DequantizeLinear.Instance, codes, node.Expand(scale, node.Shape(codes)), node.Expand(zero, node.Shape(codes)));

    private static ValueRef Coded(NodeImport node, ValueRef x, ValueRef scale, ValueRef zero)
        => node.Add(QuantizeLinear.Instance, x, node.Expand(scale, node.Shape(x)), node.Expand(zero, node.Shape(x)));

    // rne(fl(fl(F + fl(ra·a)) + fl(rb·b))), ra = sa/sc, rb = sb/sc, F = fl(zc - fl(fl(ra·za) + fl(rb·zb)))
    private static ValueRef Sum(NodeImport node)
    {
        ValueRef a = node.Input(0);
        ValueRef b = node.Input(3);
        ValueRef ratioA = Binary(node, Div.Instance, Scalar(node, 1), Scalar(node, 6));
        ValueRef ratioB = Binary(node, Div.Instance, Scalar(node, 4), Scalar(node, 6));
        ValueRef shiftA = Binary(node, Mul.Instance, ratioA, Real(node, Zero(node, 2, a)));
        ValueRef shiftB = Binary(node, Mul.Instance, ratioB, Real(node, Zero(node, 5, b)));
        ValueRef start = Binary(node, Sub.Instance, Real(node, Zero(node, 7, a)), Binary(node, Add.Instance, shiftA, shiftB));
        ValueRef first = Binary(node, Add.Instance, start, Binary(node, Mul.Instance, ratioA, Real(node, a)));
        ValueRef both = Binary(node, Add.Instance, first, Binary(node, Mul.Instance, ratioB, Real(node, b)));
        return Rounded(node, both, node.DType(a));
    }

    // rne(fl(fl(fl((a - za)·(b - zb)) · fl(fl(sa·sb)/sc)) + zc)); the product of codes is exact.
    private static ValueRef Product(NodeImport node)
    {
        ValueRef a = node.Input(0);
        ValueRef b = node.Input(3);
        ValueRef Less(ValueRef codes, int zero) => Binary(node, Sub.Instance, Real(node, codes), Real(node, Zero(node, zero, codes)));
        ValueRef scale = Binary(node, Div.Instance, Binary(node, Mul.Instance, Scalar(node, 1), Scalar(node, 4)), Scalar(node, 6));
        ValueRef product = Binary(node, Mul.Instance, Binary(node, Mul.Instance, Less(a, 2), Less(b, 5)), scale);
        return Rounded(node, Binary(node, Add.Instance, product, Real(node, Zero(node, 7, a))), node.DType(a));
    }

    // Decoded, a function of reals, coded: X, its scale and zero, the result's scale and zero.
    private static ValueRef Through(NodeImport node, Func<ValueRef, ValueRef> function)
    {
        ValueRef x = node.Input(0);
        return Coded(node, function(Decoded(node, x, Scalar(node, 1), Zero(node, 2, x))), Scalar(node, 3), Zero(node, 4, x));
    }

    private static ValueRef Softmaxed(NodeImport node) => Through(node, x =>
    {
        Shape shape = node.Shape(x);
        Softmax softmax = new(logarithm: false);
        int axis = node.Axis(node.Attributes.Int("axis", -1), shape.Rank);
        if (node.Attributes.Int("opset", 13) < 13)
        {
            return node.Reshape(node.Add(softmax, node.Reshape(x, shape.Product(0, axis), shape.Product(axis, shape.Rank))), shape);
        }

        ImmutableArray<int> last = [.. Enumerable.Range(0, shape.Rank).Where(other => other != axis), axis];
        ImmutableArray<int> back = [.. Enumerable.Range(0, shape.Rank).Select(other => last.IndexOf(other))];
        return node.Transpose(node.Add(softmax, node.Transpose(x, last)), back);
    });

    private static ValueRef Mean(NodeImport node) => Through(node, x =>
    {
        int rank = node.Shape(x).Rank;
        ImmutableArray<int> axes = node.Attributes.Ints("axes") is ImmutableArray<long> given && !given.IsEmpty
            ? node.Axes(given, rank)
            : [.. Enumerable.Range(0, rank)];
        (ValueRef moved, Shape kept) = Reductions.MoveLast(node, x, axes, node.Attributes.Flag("keepdims", true));
        return node.Reshape(node.Add(new Reduce(Reduction.Mean, axes.Length), moved), kept);
    });

    // With the channels last they are moved first, and back.
    private static ValueRef Channelwise(NodeImport node, bool isLast, Func<ValueRef, ValueRef> pool)
    {
        ValueRef x = node.Input(0);
        int rank = node.Shape(x).Rank;
        if (rank < 3)
        {
            throw node.Invalid($"{node.Type(x)} has no spatial axis");
        }

        return isLast
            ? node.Transpose(pool(node.Transpose(x, [0, rank - 1, .. Enumerable.Range(1, rank - 2)])), [0, .. Enumerable.Range(2, rank - 2), 1])
            : pool(x);
    }

    // The exact total of the codes less their zero, times fl(xs / fl(ys·n)).
    private static ValueRef GlobalAverage(NodeImport node) => Channelwise(node, node.Attributes.Flag("channels_last"), x =>
    {
        Shape shape = node.Shape(x);
        ValueRef codes = Binary(node, Sub.Instance, node.Cast(x, DType.I32), node.Cast(Scalar(node, 2), DType.I32));
        ValueRef total = Real(node, node.Add(new Reduce(Reduction.Sum, shape.Rank - 2), codes));
        ValueRef count = node.Scalar(DType.F32, shape.Product(2, shape.Rank));
        ValueRef scale = Binary(node, Div.Instance, Scalar(node, 1), Binary(node, Mul.Instance, Scalar(node, 3), count));
        ValueRef mean = Coded(node, Binary(node, Mul.Instance, total, scale), node.Scalar(DType.F32, 1), Scalar(node, 4));
        return node.Reshape(mean, new Shape([shape[0], shape[1], .. Enumerable.Repeat(1L, shape.Rank - 2)]));
    });

    private static ValueRef Average(NodeImport node) => Channelwise(node, node.Attributes.Flag("channels_last"), x =>
    {
        AveragePool pool = new(Windows.Of(node, node.Shape(x)), node.Attributes.Flag("count_include_pad"));
        ValueRef mean = node.Add(pool, Decoded(node, x, Scalar(node, 1), Zero(node, 2, x)));
        return Coded(node, mean, Scalar(node, 3), Zero(node, 4, x));
    });

    // The channels are last.
    private static ValueRef Maximum(NodeImport node)
        => Channelwise(node, isLast: true, x => node.AddMany(new MaxPool(Windows.Of(node, node.Shape(x)), false), x)[0]);

    // The result's scale and zero, then each part with its own.
    private static ValueRef Joined(NodeImport node)
    {
        if (node.Count % 3 != 2)
        {
            throw node.Invalid($"{node.Count} inputs are not two and three for each part");
        }

        List<ValueRef> parts = [];
        for (int i = 2; i < node.Count; i += 3)
        {
            ValueRef real = Decoded(node, node.Input(i), Scalar(node, i + 1), Scalar(node, i + 2));
            parts.Add(Coded(node, real, Scalar(node, 0), Scalar(node, 1)));
        }

        int axis = node.Axis(node.Attributes.Int("axis", 0), node.Shape(parts[0]).Rank);
        return node.Join(axis, parts);
    }

    private static ValueRef Chosen(NodeImport node)
    {
        ValueRef Part(int index)
            => Coded(node, Decoded(node, node.Input(index), Scalar(node, index + 1), Scalar(node, index + 2)), Scalar(node, 7), Scalar(node, 8));
        return node.Broadcast(Where.Instance, node.Input(0), Part(1), Part(4));
    }

    // fl((f32)(A·B + C) · m); m = fl(fl(alpha·as)·bs), over the result's scale where there is one.
    private static ValueRef Gemm(NodeImport node)
    {
        ValueRef a = node.Attributes.Flag("transA") ? node.SwapLast(node.Input(0)) : node.Input(0);
        ValueRef b = node.Attributes.Flag("transB") ? node.SwapLast(node.Input(3)) : node.Input(3);
        if (node.Shape(a).Rank != 2 || node.Shape(b).Rank != 2)
        {
            throw node.Invalid($"A and B are matrices, not {node.Type(a)} and {node.Type(b)}");
        }

        ValueRef total = Dots.IntegerProduct(node, a, b, node.Optional(2), node.Optional(5));
        if (node.Optional(6) is ValueRef c)
        {
            total = node.Add(Add.Instance, total, node.Expand(c, node.Shape(total)));
        }

        ValueRef scaleA = Binary(node, Mul.Instance, node.Scalar(DType.F32, node.Attributes.Float("alpha", 1f)), Scalar(node, 1));
        ValueRef scale = Binary(node, Mul.Instance, Flat(node, node.Input(4)), scaleA);
        if (!node.Has(7))
        {
            return Binary(node, Mul.Instance, Real(node, total), scale);
        }

        ValueRef product = Binary(node, Mul.Instance, Real(node, total), Binary(node, Div.Instance, scale, Scalar(node, 7)));
        return Coded(node, product, node.Scalar(DType.F32, 1), node.Has(8) ? Scalar(node, 8) : node.Scalar(node.DType(a), 0));
    }

    // A vector of one is a scalar.
    private static ValueRef Flat(NodeImport node, ValueRef value)
        => node.Shape(value).Elements == 1 ? node.Reshape(value, Shape.Scalar) : value;

    private static ValueRef DynamicProduct(NodeImport node)
    {
        ImmutableArray<ValueRef> coded = node.AddMany(DynamicQuantizeLinear.Instance, node.Input(0));
        return Scaled(node, coded[0], node.Input(1), coded[^2], node.Input(2), coded[^1], node.Optional(3), node.Optional(4));
    }

    private static ValueRef IntegerToReal(NodeImport node) => Scaled(
        node, node.Input(0), node.Input(1), node.Input(2), node.Input(3), node.Optional(4), node.Optional(5), node.Optional(6));

    /// <summary>A product of codes as reals: fl((f32) total · fl(as·bs)) + bias.</summary>
    internal static ValueRef Scaled(
        NodeImport node, ValueRef a, ValueRef b, ValueRef scaleA, ValueRef scaleB, ValueRef? zeroA, ValueRef? zeroB, ValueRef? bias)
    {
        ValueRef total = Real(node, Dots.IntegerProduct(node, a, b, zeroA, zeroB));
        ValueRef scale = Binary(node, Mul.Instance, Flat(node, scaleA), Flat(node, scaleB));
        ValueRef product = Binary(node, Mul.Instance, total, scale);
        return bias is ValueRef added ? Binary(node, Add.Instance, product, added) : product;
    }
}
