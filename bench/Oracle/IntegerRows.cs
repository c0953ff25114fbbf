using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Products and convolutions of codes.</summary>
internal static class IntegerRows
{
    /// <summary>The rows: each pair of code types, and the pairs whose second factor is signed once more with 7-bit weights, which no
    /// processor's 16-bit step saturates.</summary>
    public static Row[] All =>
    [
        .. Pairs("MatMulInteger", MatMulInteger, (DType.U8, DType.U8), (DType.U8, DType.I8), (DType.I8, DType.I8)),
        .. Pairs("ConvInteger", ConvInteger, (DType.U8, DType.U8)),
        .. Pairs("QLinearMatMul", QLinearMatMul, (DType.U8, DType.U8), (DType.U8, DType.I8), (DType.I8, DType.I8)),
        .. Pairs("QLinearConv", QLinearConv, (DType.U8, DType.U8), (DType.U8, DType.I8), (DType.I8, DType.I8)),
    ];

    private delegate Case Maker(Draw draw, DType a, DType b, bool narrow);

    private static IEnumerable<Row> Pairs(string name, Maker make, params (DType A, DType B)[] pairs)
    {
        foreach ((DType a, DType b) in pairs)
        {
            string types = $"{a.Name()}·{b.Name()}";
            Claim claim = b != DType.I8 ? Claim.Equal
                : a == DType.U8 ? Claim.EqualWithoutSaturation : Claim.EqualWithoutSignedSaturation;
            yield return new Row($"{name} {types}", claim, draw => make(draw, a, b, narrow: false));
            if (b == DType.I8)
            {
                yield return new Row($"{name} {types}, 7-bit weights", Claim.Equal, draw => make(draw, a, b, narrow: true));
            }
        }
    }

    private static Case MatMulInteger(Draw draw, DType typeA, DType typeB, bool narrow)
    {
        CaseBuilder builder = new("MatMulInteger", 10);
        (int m, int n, int k) = (draw.Extent(1, 128), draw.Extent(1, 500), draw.Extent(1, 1500));
        ValueRef a = builder.Input("A", draw.Codes(typeA, narrow: false, m, k));
        ValueRef b = builder.Either(draw.Chance(70), "B", draw.Codes(typeB, narrow, k, n));
        bool zeroA = draw.Chance(70);
        ValueRef za = zeroA
            ? builder.Constant("a_zero", Tensors.Scalar(typeA, draw.Zero(typeA)))
            : builder.LeaveOut().Own(Tensors.Scalar(typeA, 0));
        bool perColumn = draw.Chance(40);
        ValueRef zb = builder.Constant("b_zero", Zeros(draw, typeB, perColumn ? n : 0, draw.Chance(60)));
        ValueRef y = builder.Add(
            DotInteger.Instance,
            a,
            builder.Graph.Transpose("B", b, 1, 0),
            builder.Expand(za, m),
            builder.Expand(zb, n));
        return builder.Build((long)m * n * k, y);
    }

    private static Case QLinearMatMul(Draw draw, DType typeA, DType typeB, bool narrow)
    {
        CaseBuilder builder = new("QLinearMatMul", 10);
        (int m, int n, int k) = (draw.Extent(1, 128), draw.Extent(1, 500), draw.Extent(1, 1500));
        bool perColumn = draw.Chance(40);
        (float scaleA, float[] scalesB, float scaleY) = Scales(draw, perColumn ? n : 1, k);
        Shape shapeB = perColumn ? new Shape(n) : Shape.Scalar;
        ValueRef a = builder.Input("A", draw.Codes(typeA, narrow: false, m, k));
        ValueRef sa = builder.Constant("a_scale", Tensors.Scalar(scaleA));
        ValueRef za = builder.Constant("a_zero", Tensors.Scalar(typeA, draw.Zero(typeA)));
        ValueRef b = builder.Either(draw.Chance(70), "B", draw.Codes(typeB, narrow, k, n));
        ValueRef sb = builder.Constant("b_scale", Tensor.Of<float>(DType.F32, shapeB, scalesB));
        ValueRef zb = builder.Constant("b_zero", Zeros(draw, typeB, perColumn ? n : 0, draw.Chance(60)));
        ValueRef sy = builder.Constant("y_scale", Tensors.Scalar(scaleY));
        ValueRef zy = builder.Constant("y_zero", Tensors.Scalar(typeA, draw.Zero(typeA)));
        ValueRef y = builder.Add(
            QLinearDot.Instance,
            a,
            builder.Expand(sa, m),
            builder.Expand(za, m),
            builder.Graph.Transpose("B", b, 1, 0),
            builder.Expand(sb, n),
            builder.Expand(zb, n),
            sy,
            zy);
        return builder.Build((long)m * n * k, y);
    }

    private static Case ConvInteger(Draw draw, DType typeX, DType typeW, bool narrow)
    {
        CaseBuilder builder = new("ConvInteger", 10);
        (Window window, long[] extents, long batch, long groups, long channels, long outputs) = Convolution(draw, builder);
        ValueRef x = builder.Input("x", draw.Codes(typeX, narrow: false, [batch, groups * channels, .. extents]));
        ValueRef w = builder.Either(draw.Chance(70), "w", draw.Codes(typeW, narrow, [groups * outputs, channels, .. window.Kernel]));
        ValueRef zx = builder.Constant("x_zero", Tensors.Scalar(typeX, draw.Zero(typeX)));
        ValueRef zw = builder.Constant("w_zero", Tensors.Scalar(typeW, draw.Zero(typeW)));
        ValueRef y = builder.Add(new ConvInteger(window, groups), x, w, zx, builder.Expand(zw, groups * outputs));
        return builder.Build(builder.Graph.ShapeOf(y).Elements * channels * window.Taps, y);
    }

    private static Case QLinearConv(Draw draw, DType typeX, DType typeW, bool narrow)
    {
        CaseBuilder builder = new("QLinearConv", 10);
        (Window window, long[] extents, long batch, long groups, long channels, long outputs) = Convolution(draw, builder);
        long rows = groups * outputs;
        bool perRow = draw.Chance(50);
        (float scaleX, float[] scalesW, float scaleY) = Scales(draw, perRow ? (int)rows : 1, (int)(channels * window.Taps));
        Shape shapeW = perRow ? new Shape(rows) : Shape.Scalar;

        // ONNX Runtime takes one value for all zero points of W.
        long zeroW = draw.Chance(60) ? (typeW == DType.I8 ? 0 : 128) : draw.Zero(typeW);
        ValueRef x = builder.Input("x", draw.Codes(typeX, narrow: false, [batch, groups * channels, .. extents]));
        ValueRef sx = builder.Constant("x_scale", Tensors.Scalar(scaleX));
        ValueRef zx = builder.Constant("x_zero", Tensors.Scalar(typeX, draw.Zero(typeX)));
        ValueRef w = builder.Constant("w", draw.Codes(typeW, narrow, [rows, channels, .. window.Kernel]));
        ValueRef sw = builder.Constant("w_scale", Tensor.Of<float>(DType.F32, shapeW, scalesW));
        ValueRef zw = builder.Constant(
            "w_zero", Tensors.OfCodes(typeW, shapeW, [.. Enumerable.Repeat(zeroW, perRow ? (int)rows : 1)]));
        ValueRef sy = builder.Constant("y_scale", Tensors.Scalar(scaleY));
        ValueRef zy = builder.Constant("y_zero", Tensors.Scalar(typeX, draw.Zero(typeX)));
        List<ValueRef> inputs = [x, sx, zx, w, builder.Expand(sw, rows), builder.Expand(zw, rows), sy, zy];
        if (draw.Chance(70))
        {
            long[] bias = [.. Enumerable.Range(0, (int)rows).Select(_ => (long)draw.Integer(-20_000, 20_000))];
            inputs.Add(builder.Constant("B", Tensors.OfCodes(DType.I32, new Shape(rows), bias)));
        }

        ValueRef y = builder.Add(new QLinearConv(window, groups), [.. inputs]);
        return builder.Build(builder.Graph.ShapeOf(y).Elements * channels * window.Taps, y);
    }

    private static (Window Window, long[] Extents, long Batch, long Groups, long Channels, long Outputs) Convolution(
        Draw draw, CaseBuilder builder)
    {
        int axes = draw.Pick(1, 2, 2, 2, 3);
        int largest = axes switch { 1 => 200, 2 => 28, _ => 10 };
        (Window window, long[] extents) = Windows.Make(draw, builder, axes, largest, dilate: true, ceil: false);
        bool depthwise = draw.Chance(25);
        long groups = depthwise ? draw.Extent(2, 64) : draw.Chance(25) ? draw.Integer(2, 4) : 1;
        long channels = depthwise ? 1 : draw.Extent(1, 48);
        long outputs = depthwise ? (draw.Chance(80) ? 1 : 2) : draw.Extent(1, 48);
        builder.Attribute("group", groups);
        return (window, extents, draw.Integer(1, 2), groups, channels, outputs);
    }

    private static Tensor Zeros(Draw draw, DType type, int count, bool symmetric)
    {
        long middle = type == DType.I8 ? 0 : 128;
        long[] zeros = [.. Enumerable.Range(0, Math.Max(count, 1)).Select(_ => symmetric ? middle : draw.Zero(type))];
        return Tensors.OfCodes(type, count > 0 ? new Shape(count) : Shape.Scalar, zeros);
    }

    // The output's scale is such that a typical total, about 5000 times the square root of k, lands inside the codes.
    private static (float A, float[] B, float Y) Scales(Draw draw, int count, int k)
    {
        float a = draw.Scale(draw.Integer(-8, 0));
        float[] b = [.. Enumerable.Range(0, count).Select(_ => draw.Scale(draw.Integer(-9, -6)))];
        int exponent = (int)Math.ILogB(a) - 7 + (int)Math.ILogB(80.0 * Math.Sqrt(k)) + draw.Integer(-2, 3);
        return (a, b, draw.Scale(exponent));
    }
}
