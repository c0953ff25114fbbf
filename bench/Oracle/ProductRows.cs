using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>MatMul and Gemm in f32.</summary>
internal static class ProductRows
{
    private static readonly int[] RaggedK = [1, 2, 31, 255, 256, 257, 511, 512, 513, 1000, 1025, 2049, 4095];

    /// <summary>The rows.</summary>
    public static Row[] All =>
    [
        new("MatMul, constant B", Claim.Equal, draw => MatMul(draw, constant: true)),
        new("Gemm, constant B", Claim.Equal, draw => Gemm(draw, constant: true)),
        new("MatMul, B an input", Claim.None, draw => MatMul(draw, constant: false)),
        new("Gemm, B an input", Claim.None, draw => Gemm(draw, constant: false)),
    ];

    private static Case MatMul(Draw draw, bool constant)
    {
        CaseBuilder builder = new("MatMul", 13);
        int batch = draw.Chance(25) ? draw.Integer(2, 5) : 0;
        int m = draw.Extent(1, batch > 0 ? 64 : 512);
        int n = draw.Extent(1, 1100);
        int k = K(draw);
        Values values = Kind(draw);
        ValueRef a = builder.Input("A", batch > 0 ? draw.Floats(values, batch, m, k) : draw.Floats(values, m, k));
        ValueRef b = builder.Either(constant, "B", draw.Floats(Kind(draw), k, n));
        long rows = Math.Max(batch, 1) * (long)m;
        ValueRef y = builder.Add(Dot.Plain, builder.Reshape(a, rows, k), builder.Graph.Transpose("B", b, 1, 0));
        return builder.Build(rows * n * k, batch > 0 ? builder.Reshape(y, batch, m, n) : y);
    }

    private static Case Gemm(Draw draw, bool constant)
    {
        CaseBuilder builder = new("Gemm", 13);
        int m = draw.Extent(1, 512);
        int n = draw.Extent(1, 1100);
        int k = K(draw);
        float alpha = draw.Chance(30) ? 1f : draw.Pick(2f, 0.5f, -1f, 0.3f, -1.7f, 1.1f);
        float beta = draw.Chance(30) ? 1f : draw.Pick(0f, 2f, -1f, 0.7f, -0.3f);
        bool transposeA = draw.Chance(40);
        bool transposeB = draw.Chance(50);
        builder.Attribute("alpha", alpha).Attribute("beta", beta)
            .Attribute("transA", transposeA ? 1L : 0L).Attribute("transB", transposeB ? 1L : 0L);

        // With a negative alpha an exact zero total has another sign there: docs/numerics.md starts totals from +0.
        Values values = alpha < 0 ? draw.Pick(Values.Uniform, Values.Wide) : Kind(draw);
        Values valuesB = alpha < 0 ? draw.Pick(Values.Uniform, Values.Wide) : Kind(draw);
        ValueRef a = builder.Input("A", transposeA ? draw.Floats(values, k, m) : draw.Floats(values, m, k));
        ValueRef b = builder.Either(constant, "B", transposeB ? draw.Floats(valuesB, n, k) : draw.Floats(valuesB, k, n));
        a = transposeA ? builder.Graph.Transpose("A", a, 1, 0) : a;
        b = transposeB ? b : builder.Graph.Transpose("B", b, 1, 0);
        Dot dot = new(alpha, beta);
        int form = draw.Integer(0, 5);
        if (form == 0)
        {
            return builder.Build((long)m * n * k, builder.Add(dot, a, b));
        }

        Tensor addend = form switch
        {
            1 => draw.Floats(values),
            2 => draw.Floats(values, n),
            3 => draw.Floats(values, m, 1),
            4 => draw.Floats(values, 1, n),
            _ => draw.Floats(values, m, n),
        };
        ValueRef c = builder.Expand(builder.Either(draw.Chance(70), "C", addend), m, n);
        return builder.Build((long)m * n * k, builder.Add(dot, a, b, c));
    }

    private static int K(Draw draw) => draw.Chance(40) ? draw.Pick<int>(RaggedK) : draw.Extent(1, 4095);

    private static Values Kind(Draw draw) => draw.Pick(Values.Uniform, Values.Wide, Values.Small, Values.Sparse);
}
