using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Pooling over windows and over all spatial axes.</summary>
internal static class Pools
{
    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("MaxPool", (1, 1), 2, Maximum, [.. Windows.Rules, Int("ceil_mode"), Int("storage_order")]) { Since = 1 },
        new("LpPool", (1, 1), Norm, [.. Windows.Rules, Int("ceil_mode", since: 18), Int("p")]) { Since = 2 },
        new("Col2Im", (3, 3), Image, Ints("strides"), Ints("pads"), Ints("dilations")) { Since = 18 },
        new("LRN", (1, 1), AcrossChannels, Int("size") with { IsRequired = true }, Float("alpha"), Float("beta"), Float("bias")) { Since = 1 },
        new("AveragePool", (1, 1), Average, [.. Windows.Rules, Int("ceil_mode"), Int("count_include_pad")]),
        new("GlobalAveragePool", (1, 1), GlobalAverage) { Since = 1 },
        new("GlobalMaxPool", (1, 1), node => Global(node, Reduction.Max)) { Since = 1 },
        new("GlobalLpPool", (1, 1), GlobalNorm, Int("p")) { Since = 2 },
    ];

    private static ImmutableArray<ValueRef> Maximum(NodeImport node)
    {
        ValueRef x = node.Input(0);
        return node.AddMany(new MaxPool(Windows.Of(node, node.Shape(x)), node.Attributes.Flag("storage_order")), x);
    }

    private static ValueRef Average(NodeImport node)
    {
        ValueRef x = node.Input(0);
        return node.Add(new AveragePool(Windows.Of(node, node.Shape(x)), node.Attributes.Flag("count_include_pad")), x);
    }

    private static ValueRef GlobalAverage(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = Spatial(node);
        ValueRef planes = node.Reshape(x, shape[0], shape[1], shape.Product(2, shape.Rank));
        return node.Reshape(node.Add(GlobalAveragePool.Instance, planes), Pooled(shape));
    }

    private static ValueRef Global(NodeImport node, Reduction kind)
    {
        Shape shape = Spatial(node);
        return node.Reshape(node.Add(new Reduce(kind, shape.Rank - 2), node.Input(0)), Pooled(shape));
    }

    // Other powers than 1 and 2 in single steps: |x| to the power p, the fold, its p-th root.
    private static ValueRef GlobalNorm(NodeImport node)
    {
        long p = node.Attributes.Int("p", 2);
        if (p is 1 or 2)
        {
            return Global(node, p == 1 ? Reduction.L1 : Reduction.L2);
        }

        if (p < 1)
        {
            throw node.Invalid($"attribute 'p' = {p}");
        }

        Shape shape = Spatial(node);
        DType type = node.DType(node.Input(0));
        DType wide = Wide(type);
        ValueRef powers = node.Broadcast(Pow.Instance, node.Add(Abs.Instance, node.Cast(node.Input(0), wide)), node.Scalar(wide, p));
        ValueRef sum = node.Add(new Reduce(Reduction.Sum, shape.Rank - 2), powers);
        ValueRef root = wide == DType.F64 ? node.Scalar(wide, 1.0 / p) : node.Scalar(wide, 1f / p);
        return node.Cast(node.Reshape(node.Broadcast(Pow.Instance, sum, root), Pooled(shape)), type);
    }

    private static ValueRef Norm(NodeImport node)
    {
        ValueRef x = node.Input(0);
        return node.Add(new LpPool(Windows.Of(node, node.Shape(x)), node.Attributes.Int("p", 2)), x);
    }

    private static ValueRef Image(NodeImport node)
    {
        ImmutableArray<long> image = node.Integers(1);
        ImmutableArray<long> block = node.Integers(2);
        Shape plane = new([1, 1, .. image]);
        Window window = Windows.Of(node, plane, block);
        return node.Add(new Col2Im(window, image), node.Input(0));
    }

    // x / (bias + alpha/size * sum)^beta; the sum of squares over neighbouring channels is a convolution with ones along them.
    private static ValueRef AcrossChannels(NodeImport node)
    {
        Shape shape = Spatial(node);
        long size = node.Attributes.Int("size", 1);
        if (size < 1 || size > int.MaxValue)
        {
            throw node.Invalid($"attribute 'size' = {size}");
        }

        DType type = node.DType(node.Input(0));
        DType wide = Wide(type);
        ValueRef x = node.Cast(node.Input(0), wide);
        long before = (size - 1) / 2;
        Window window = new([size, 1], [1, 1], [1, 1], [before, 0], [size - 1 - before, 0], [shape[1], shape.Product(2, shape.Rank)]);
        ValueRef squares = node.Reshape(node.Add(Mul.Instance, x, x), shape[0], 1, shape[1], shape.Product(2, shape.Rank));
        ValueRef ones = node.Expand(node.Scalar(wide, 1), new Shape(1, 1, size, 1));
        ValueRef sums = node.Reshape(node.Add(new Conv(window, 1), squares, ones), shape);
        float alpha = node.Attributes.Float("alpha", 1e-4f);
        ValueRef factor = wide == DType.F64 ? node.Scalar(wide, (double)alpha / size) : node.Scalar(wide, alpha / size);
        ValueRef scaled = node.Broadcast(Mul.Instance, sums, factor);
        ValueRef biased = node.Broadcast(Ops.Add.Instance, scaled, node.Scalar(wide, node.Attributes.Float("bias", 1)));
        ValueRef power = node.Broadcast(Pow.Instance, biased, node.Scalar(wide, node.Attributes.Float("beta", 0.75f)));
        return node.Cast(node.Add(Div.Instance, x, power), type);
    }

    private static DType Wide(DType type) => type == DType.F64 ? DType.F64 : DType.F32;

    private static Shape Spatial(NodeImport node)
    {
        Shape shape = node.Shape(node.Input(0));
        return shape.Rank >= 2 ? shape : throw node.Invalid($"{shape} has no channel axis");
    }

    private static Shape Pooled(Shape shape) => new([shape[0], shape[1], .. Enumerable.Repeat(1L, shape.Rank - 2)]);
}
