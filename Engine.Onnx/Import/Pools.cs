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
        new("MaxPool", (1, 1), 2, Maximum, [.. Windows.Rules, Int("ceil_mode"), Int("storage_order")]),
        new("AveragePool", (1, 1), Average, [.. Windows.Rules, Int("ceil_mode"), Int("count_include_pad")]),
        new("GlobalAveragePool", (1, 1), GlobalAverage),
        new("GlobalMaxPool", (1, 1), node => Global(node, Reduction.Max)),
        new("GlobalLpPool", (1, 1), GlobalNorm, Int("p")),
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

    private static ValueRef GlobalNorm(NodeImport node) => node.Attributes.Int("p", 2) switch
    {
        1 => Global(node, Reduction.L1),
        2 => Global(node, Reduction.L2),
        long p => throw node.Unsupported($"attribute 'p' = {p} is not supported"),
    };

    private static Shape Spatial(NodeImport node)
    {
        Shape shape = node.Shape(node.Input(0));
        return shape.Rank >= 2 ? shape : throw node.Invalid($"{shape} has no channel axis");
    }

    private static Shape Pooled(Shape shape) => new([shape[0], shape[1], .. Enumerable.Repeat(1L, shape.Rank - 2)]);
}
