using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Between reals and codes.</summary>
internal static class QuantiseRows
{
    /// <summary>The rows.</summary>
    public static Row[] All =>
    [
        new("QuantizeLinear to u8", Claim.Equal, draw => Quantize(draw, DType.U8)),
        new("QuantizeLinear to i8", Claim.Equal, draw => Quantize(draw, DType.I8)),
        new("QuantizeLinear to u16", Claim.Equal, draw => Quantize(draw, DType.U16)),
        new("QuantizeLinear to i16", Claim.Equal, draw => Quantize(draw, DType.I16)),
        new("DequantizeLinear from u8", Claim.Equal, draw => Dequantize(draw, DType.U8)),
        new("DequantizeLinear from i8", Claim.Equal, draw => Dequantize(draw, DType.I8)),
        new("DequantizeLinear from i32", Claim.Equal, draw => Dequantize(draw, DType.I32)),
        new("DynamicQuantizeLinear", Claim.Equal, Dynamic),
    ];

    private static Case Quantize(Draw draw, DType type)
    {
        CaseBuilder builder = new("QuantizeLinear", 21);
        long[] extents = Extents(draw);
        (Tensor scale, Tensor zero, long[] spread) = Parameters(draw, builder, extents, type);
        float unit = scale.As<float>()[0];
        (long low, long high) = type.IntegerRange();
        int range = (int)(high - low + 1);

        // Three in four lie on, or one unit in the last place beside, a half step of the first scale.
        Tensor x = draw.Floats(extents, word =>
        {
            float step = ((int)((word >> 8) % (uint)(2 * range)) - range + 0.5f) * unit;
            return (word & 7) switch
            {
                0 => MathF.ScaleB(((int)(word >> 8) - (1 << 23)) * (1f / (1 << 23)), (int)((word >> 3) & 31) - 8),
                1 => step * 0.77f,
                2 => MathF.BitIncrement(step),
                3 => MathF.BitDecrement(step),
                _ => step,
            };
        });
        ValueRef value = builder.Input("x", x);
        ValueRef y = builder.Add(
            QuantizeLinear.Instance, value, Spread(builder, builder.Constant("y_scale", scale), spread, extents),
            Spread(builder, builder.Constant("y_zero_point", zero), spread, extents));
        return builder.Build(x.Type.Elements, y);
    }

    private static Case Dequantize(Draw draw, DType type)
    {
        CaseBuilder builder = new("DequantizeLinear", 21);
        long[] extents = Extents(draw);
        (Tensor scale, Tensor zero, long[] spread) = Parameters(draw, builder, extents, type);
        TensorType tensorType = new(type, new Shape(extents));
        byte[] bytes = MemoryMarshal.AsBytes<uint>(draw.Words((tensorType.Bytes + 3) / 4))[..(int)tensorType.Bytes].ToArray();
        ValueRef x = builder.Input("x", new Tensor(tensorType, bytes));
        ValueRef wideScale = Spread(builder, builder.Constant("x_scale", scale), spread, extents);

        // ONNX Runtime wants no zero point for i32.
        ValueRef zeros = type == DType.I32 ? builder.Own(zero) : builder.Constant("x_zero_point", zero);
        ValueRef y = builder.Add(DequantizeLinear.Instance, x, wideScale, Spread(builder, zeros, spread, extents));
        return builder.Build(tensorType.Elements, y);
    }

    private static Case Dynamic(Draw draw)
    {
        CaseBuilder builder = new("DynamicQuantizeLinear", 11);
        int kind = draw.Integer(0, 5);
        float scale = draw.Scale(draw.Integer(-10, 10));
        float middle = draw.Real(-2f, 2f);
        Tensor x = draw.Floats([draw.Extent(1, 20_000)], word =>
        {
            float unit = ((int)(word >> 8) - (1 << 23)) * (1f / (1 << 23));
            return kind switch
            {
                0 => unit * scale,
                1 => Math.Abs(unit) * scale,
                2 => -Math.Abs(unit) * scale,
                3 => (unit + middle) * scale,

                // Extremes that make the scale exactly 1/2 or so, and half steps of it.
                4 => (word & 63) == 0 ? 127.5f : (word & 63) == 1 ? 0f : (((word >> 8) % 255) + 0.5f) * 0.5f,
                _ => 0f,
            };
        });
        ValueRef value = builder.Input("x", x);
        ValueRef[] outputs = [.. builder.Graph.AddMany("dynamic", DynamicQuantizeLinear.Instance, value)];
        return builder.Build(x.Type.Elements, outputs[0], outputs[^2], outputs[^1]);
    }

    private static long[] Extents(Draw draw) => draw.Integer(0, 2) switch
    {
        0 => [draw.Extent(1, 30_000)],
        1 => [draw.Extent(1, 100), draw.Extent(1, 300)],
        _ => [draw.Extent(1, 4), draw.Extent(1, 32), draw.Extent(1, 15), draw.Extent(1, 15)],
    };

    // Scales and zero points for the whole tensor, or for each index of an axis; and the shape that broadcasts them.
    private static (Tensor Scale, Tensor Zero, long[] Spread) Parameters(Draw draw, CaseBuilder builder, long[] extents, DType type)
    {
        bool perAxis = extents.Length > 1 && draw.Chance(40);
        int axis = perAxis ? draw.Integer(0, extents.Length - 1) : 0;
        int count = perAxis ? (int)extents[axis] : 1;
        float[] scales = [.. Enumerable.Range(0, count).Select(_ => draw.Scale(draw.Integer(-8, 4)))];
        long[] zeros = [.. Enumerable.Range(0, count).Select(_ => type == DType.I32 ? 0 : draw.Zero(type))];
        Shape shape = perAxis ? new Shape(count) : Shape.Scalar;
        if (perAxis)
        {
            builder.Attribute("axis", (long)axis);
        }

        long[] spread = new long[extents.Length];
        Array.Fill(spread, 1);
        spread[perAxis ? axis : 0] = count;
        return (Tensor.Of<float>(DType.F32, shape, scales), Tensors.OfCodes(type, shape, zeros), spread);
    }

    private static ValueRef Spread(CaseBuilder builder, ValueRef value, long[] spread, long[] extents)
        => builder.Expand(builder.Reshape(value, spread), extents);
}
