using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;

using VerifiableCompute.Bench.Blas;
using VerifiableCompute.Bench.Oracle;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Compare;

/// <summary>Products of matrices.</summary>
internal sealed class ProductSection : Section
{
    private const string Squares = "squares, constant B";
    private const string Dynamic = "B an activation";
    private const string Narrow = "narrow weights, M = 1, 4096²";
    private const string Codes = "u8·s8 → i32";
    private const int Decode = 4096;

    private static readonly int[] Sides = [256, 384, 512, 768, 1024, 1536, 2048];
    private static readonly int[] Rows = [1, 8, 128];

    private static readonly (int N, int K)[] Weights = [(768, 768), (3072, 768), (768, 3072), (2048, 2048), (4096, 4096)];

    private static readonly (int M, int N, int K, int Batch)[] Activations =
    [
        (256, 256, 256, 0), (512, 512, 512, 0), (1024, 1024, 1024, 0), (128, 768, 768, 0), (128, 128, 64, 12), (128, 64, 128, 12), (1, 128, 64, 12),
    ];

    private static readonly (int M, int N, int K)[] CodeShapes =
        [(1024, 1024, 1024), (2048, 2048, 2048), (128, 768, 768), (128, 4096, 4096), (8, 2048, 2048), (1, 768, 768), (1, 4096, 4096)];

    /// <inheritdoc/>
    public override string Name => "gemm";

    /// <inheritdoc/>
    public override string Title => "Products of matrices";

    /// <inheritdoc/>
    public override string Text => "A [M, K] times B [K, N]. Weights are constants of the model: ours and ONNX Runtime pack them once, OpenBLAS does not. "
        + "OpenBLAS at M = 1 is its product of a matrix and a vector.";

    /// <inheritdoc/>
    public override void Run()
    {
        foreach (int side in Sides)
        {
            Product(Squares, side, side, side);
        }

        foreach (int m in Rows)
        {
            foreach ((int n, int k) in Weights)
            {
                Product(Skinny(m), m, n, k);
            }
        }

        foreach ((int m, int n, int k, int batch) in Activations)
        {
            SmallModel model = SmallModel.MatMul(m, n, k, constant: false, batch == 0 ? [] : [batch]);
            double work = 2.0 * m * n * k * Math.Max(1, batch);
            double bytes = 4.0 * Math.Max(1, batch) * ((double)(m * k) + ((double)n * k) + (m * n));
            RaceModel(Dynamic, Size(m, n, k) + (batch == 0 ? string.Empty : $" ×{batch}"), "Gflop/s", work / 1e9, bytes, model.Bytes, model.Inputs);
        }

        NarrowWeights();
        foreach ((int m, int n, int k) in CodeShapes)
        {
            Draw draw = new("compare", 1);
            SmallModel model = SmallModel.Of(
                "MatMulInteger",
                10,
                [],
                [
                    ("A", draw.Codes(DType.U8, narrow: false, m, k), false), ("B", draw.Codes(DType.I8, narrow: false, k, n), true),
                    ("a_zero", Tensors.Scalar(DType.U8, 128), true),
                ],
                DType.I32);
            double bytes = ((double)m * k) + ((double)n * k) + (4.0 * m * n);
            RaceModel(Codes, Size(m, n, k), "Gop/s", 2.0 * m * n * k / 1e9, bytes, model.Bytes, model.Inputs);
        }

        Judge();
    }

    private static string Skinny(int m) => $"M = {m}, constant B";

    private static string Size(int m, int n, int k) => string.Create(CultureInfo.InvariantCulture, $"{m}×{n}×{k}");

    private unsafe void Product(string group, int m, int n, int k)
    {
        Draw draw = new("compare", 0);
        using MemoryHandle a = draw.Floats(Values.Uniform, m, k).Bytes.Pin();
        using MemoryHandle b = draw.Floats(Values.Uniform, k, n).Bytes.Pin();
        using MemoryHandle c = new byte[4L * m * n].AsMemory().Pin();
        Action? blas = OpenBlas.IsThere ? OpenBlas.Product(m, n, k, (float*)a.Pointer, (float*)b.Pointer, (float*)c.Pointer) : null;
        SmallModel model = SmallModel.MatMul(m, n, k, constant: true);
        double bytes = 4.0 * (((double)m * k) + ((double)n * k) + ((double)m * n));
        RaceModel(group, Size(m, n, k), "Gflop/s", 2.0 * m * n * k / 1e9, bytes, model.Bytes, model.Inputs, threads =>
        {
            if (blas is null)
            {
                return null;
            }

            OpenBlas.SetThreads(threads);
            return ("OpenBLAS", blas);
        });
    }

    // Ours alone: the same product with f32 weights, with everything in bf16, and with i8 weights that are dequantised.
    private void NarrowWeights()
    {
        Draw draw = new("compare", 2);
        Tensor x = draw.Floats(Values.Uniform, 1, Decode);
        SmallModel single = SmallModel.MatMul(1, Decode, Decode, constant: true);
        SmallModel half = SmallModel.Of(
            "MatMul",
            13,
            [],
            [("A", Bf16(x), false), ("B", Bf16(draw.Floats(Values.Uniform, Decode, Decode)), true)],
            DType.BF16);
        SmallModel codes = SmallModel.DequantisedProduct(x, draw.Codes(DType.I8, narrow: false, Decode, Decode));
        foreach (int threads in ThreadCounts)
        {
            using Pair f32 = new(single.Bytes, single.Inputs, threads);
            using Pair bf16 = new(half.Bytes, half.Inputs, threads);
            using Pair i8 = new(codes.Bytes, codes.Inputs, threads);
            double amount = 2.0 * Decode * Decode / 1e9;
            Race(Narrow, "bf16 and f32 weights", threads, "Gflop/s", amount, 2.0 * Decode * Decode, ("ours", bf16.Ours), ("ours, f32", f32.Ours));
            Race(Narrow, "i8 weights (DequantizeLinear) and f32", threads, "Gflop/s", amount, 1.0 * Decode * Decode, ("ours", i8.Ours), ("ours, f32", f32.Ours));
        }
    }

    private static Tensor Bf16(Tensor tensor)
    {
        byte[] bytes = new byte[tensor.Type.Bytes / 2];
        for (int i = 0; i < bytes.Length; i += 2)
        {
            tensor.Bytes.Span.Slice((2 * i) + 2, 2).CopyTo(bytes.AsSpan(i));
        }

        return new Tensor(new TensorType(DType.BF16, tensor.Type.Shape), bytes);
    }

    private void Judge()
    {
        (double least, string where) = Least(In(Squares));
        Add(Goal.Of(
            "f32 GEMM, constant B, squares 256…2048, 1 and 2 threads",
            "geometric mean ≥ 1.0× the better of OpenBLAS and ORT, none below 0.93×",
            Part.AtLeast(Mean(In(Squares, 1)), 1, "1 thread"),
            Part.AtLeast(Mean(In(Squares, 2)), 1, "2 threads"),
            Part.AtLeast(least, 0.93, $"least ({where})")));
        Row large = In(Squares, 1).First(row => row.Case == Size(768, 768, 768));
        double peak = Result.Machine.Peak(1);
        Add(Goal.Of(
            "f32 GEMM 768³, share of the FMA peak, 1 thread",
            "≥ 90 %",
            Part.AtLeast(100e9 * large.Speed(large.Ours) / peak, 90, string.Empty, "0", " %")));
        foreach ((int m, double target) in new[] { (1, 1.1), (8, 1.4), (128, 1.05) })
        {
            Add(Goal.Of(
                $"f32 skinny, M = {m}, K and N 768…4096",
                string.Create(CultureInfo.InvariantCulture, $"geometric mean ≥ {target}×"),
                Part.AtLeast(Mean(In(Skinny(m), 1)), target, "1 thread"),
                Part.AtLeast(Mean(In(Skinny(m), 2)), target, "2 threads")));
        }

        Row[] bound = [.. In(Skinny(1)).Where(row => row.Bytes > 60e6)];
        Add(Goal.Of(
            "f32 M = 1, 4096²: memory is the limit",
            "≥ 0.95×, ≥ 85 % of the measured bandwidth",
            [
                .. bound.Select(row => Part.AtLeast(row.Ratio ?? double.NaN, 0.95, $"{row.Threads}t")),
                .. bound.Select(row => Part.AtLeast(
                    100 * row.Bytes / row.Ours.Seconds / Result.Machine.Bandwidth(row.Threads), 85, $"{row.Threads}t", "0", " % of bandwidth")),
            ]));
        Add(Goal.Of("f32, B an activation", "≥ 1.0× ORT", Part.AtLeast(Mean(In(Dynamic, 1)), 1, "1 thread"), Part.AtLeast(Mean(In(Dynamic, 2)), 1, "2 threads")));
        foreach ((string word, double target) in new[] { ("bf16", 1.9), ("i8", 4.0) })
        {
            Row[] rows = [.. In(Narrow).Where(row => row.Case.StartsWith(word, StringComparison.Ordinal))];
            Add(Goal.Of(
                $"{word} weights, M = 1, 4096²",
                string.Create(CultureInfo.InvariantCulture, $"≥ {target}× our f32"),
                [.. rows.Select(row => Part.AtLeast(row.Ratio!.Value, target, $"{row.Threads}t"))]));
        }

        Add(Goal.Of(
            "int8 u8·s8 → i32",
            "≥ 1.0× ORT MatMulInteger",
            Part.AtLeast(Mean(In(Codes, 1)), 1, "1 thread"),
            Part.AtLeast(Mean(In(Codes, 2)), 1, "2 threads")));
    }
}
