using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Pools and normalisation by given statistics.</summary>
internal static class PoolRows
{
    /// <summary>The rows.</summary>
    public static Row[] All =>
    [
        new("AveragePool, opset 19", Claim.Equal, draw => AveragePool(draw, 19, wide: false)),
        new("AveragePool, opset 11, one axis or innermost stride 3", Claim.Equal, draw => AveragePool(draw, 11, wide: true)),

        // Before opset 19 their vector loop adds the window's rows up first, then the columns.
        new("AveragePool, opset 11, any", Claim.None, draw => AveragePool(draw, 11, wide: false)),
        new("GlobalAveragePool", Claim.Equal, GlobalAveragePool),
        new("BatchNormalization", Claim.Equal, BatchNormalization),
    ];

    private static Case AveragePool(Draw draw, long opset, bool wide)
    {
        CaseBuilder builder = new("AveragePool", opset);
        bool extended = opset >= 19;
        int axes = draw.Integer(1, 3);
        bool ceil = extended && draw.Chance(50);
        bool countPadding = draw.Chance(50);
        int largest = axes switch { 1 => 500, 2 => 40, _ => 14 };
        (Window window, long[] extents) = Windows.Make(draw, builder, axes, largest, extended, ceil, wide && axes > 1 ? 3 : 1);
        builder.Attribute("count_include_pad", countPadding ? 1L : 0L).Attribute("ceil_mode", ceil ? 1L : 0L);
        long channels = draw.Extent(1, 32);
        ValueRef x = builder.Input("X", draw.Floats(Kind(draw), [draw.Integer(1, 3), channels, .. extents]));
        ValueRef y = builder.Add(new AveragePool(window, countPadding), x);
        return builder.Build(builder.Graph.ShapeOf(y).Elements * window.Taps, y);
    }

    private static Case GlobalAveragePool(Draw draw)
    {
        CaseBuilder builder = new("GlobalAveragePool", 1);
        int axes = draw.Integer(1, 3);
        long batch = draw.Integer(1, 4);
        long channels = draw.Extent(200, 3000);
        long[] extents = [.. Enumerable.Range(0, axes).Select(_ => (long)draw.Extent(1, axes switch { 1 => 300, 2 => 18, _ => 7 }))];
        ValueRef x = builder.Input("X", draw.Floats(Kind(draw), [batch, channels, .. extents]));
        long plane = extents.Aggregate(1L, (product, extent) => product * extent);
        ValueRef y = builder.Add(Engine.Ops.GlobalAveragePool.Instance, builder.Reshape(x, batch, channels, plane));
        return builder.Build(batch * channels * plane, builder.Reshape(y, [batch, channels, .. extents.Select(_ => 1L)]));
    }

    private static Case BatchNormalization(Draw draw)
    {
        CaseBuilder builder = new("BatchNormalization", 15);
        float epsilon = draw.Pick(1e-5f, 1e-3f, 0.1f);
        builder.Attribute("epsilon", epsilon);
        long channels = draw.Extent(1, 300);
        long[] extents = [.. Enumerable.Range(0, draw.Integer(0, 3)).Select(_ => (long)draw.Extent(1, 20))];
        bool constant = draw.Chance(70);
        Values values = Kind(draw);
        ValueRef x = builder.Input("X", draw.Floats(values, [draw.Extent(1, 8), channels, .. extents]));
        ValueRef gamma = builder.Either(constant, "scale", draw.Floats(values, channels));
        ValueRef beta = builder.Either(constant, "B", draw.Floats(values, channels));
        ValueRef mean = builder.Either(constant, "mean", draw.Floats(values, channels));
        ValueRef variance = builder.Either(
            constant, "var", draw.Floats([channels], word => MathF.ScaleB((word >> 8) * (1f / (1 << 24)), (int)(word & 31) - 16)));
        ValueRef y = builder.Add(new BatchNorm(epsilon), x, gamma, beta, mean, variance);
        return builder.Build(builder.Graph.ShapeOf(y).Elements, y);
    }

    private static Values Kind(Draw draw) => draw.Pick(Values.Uniform, Values.Wide, Values.Small, Values.Sparse);
}
