using System.Collections.Immutable;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Sizes beyond the published vectors: every kernel of products, both tiles, splits, few rows, edges; rows longer than a work-group.</summary>
internal static class Sizes
{
    private static readonly DType[] Reals = [DType.F32, DType.F16, DType.BF16, DType.F64];
    private static readonly DType[] Codes = [DType.U8, DType.I8];

    /// <summary>All cases, or the small ones.</summary>
    public static IEnumerable<(Op Op, ImmutableArray<Tensor> Inputs)> All(bool quick)
        => Products().Concat(IntegerProducts()).Concat(Windows()).Concat(Rows())
            .Where(entry => !quick || entry.Inputs.Sum(input => input.Type.Elements) <= 40_000);

    private static IEnumerable<(Op Op, ImmutableArray<Tensor> Inputs)> Products()
    {
        (long M, long N, long K)[] sizes =
            [(1, 768, 768), (8, 3072, 768), (768, 5, 700), (100, 130, 300), (33, 65, 257), (256, 256, 1024), (1000, 1000, 70), (2000, 1500, 600), (4, 5, 3000)];
        foreach ((long m, long n, long k) in sizes)
        {
            foreach (DType type in Reals)
            {
                yield return (Dot.Plain, [Tame(type, 1, m, k), Tame(type, 2, n, k)]);
                yield return (new Dot(0.5f, -1.25f), [Tame(type, 3, m, k), Tame(type, 4, n, k), Tame(type, 5, m, n)]);
            }
        }

        yield return (Dot.Plain, [Tame(DType.F32, 6, 12, 65, 64), Tame(DType.F32, 7, 12, 67, 64)]);
        yield return (Dot.Plain, [Wild(DType.F32, 8, 70, 300), Wild(DType.F32, 9, 90, 300)]);
    }

    private static IEnumerable<(Op Op, ImmutableArray<Tensor> Inputs)> IntegerProducts()
    {
        foreach ((long m, long n, long k) in ((long, long, long)[])[(4, 300, 500), (64, 64, 64), (200, 300, 700), (49, 129, 67), (1000, 700, 1031)])
        {
            foreach ((DType a, DType b) in from a in Codes from b in Codes select (a, b))
            {
                yield return (DotInteger.Instance, [Wild(a, 1, m, k), Wild(b, 2, n, k), Wild(a, 3, m), Wild(b, 4, n)]);
                yield return (
                    QLinearDot.Instance,
                    [
                        Wild(a, 1, m, k), Tame(DType.F32, 5, m), Wild(a, 3, m), Wild(b, 2, n, k), Tame(DType.F32, 6, n), Wild(b, 4, n),
                        Tensor.Of<float>(DType.F32, Shape.Scalar, 3000f), Wild(a, 7),
                    ]);
            }
        }

        yield return (DotInteger.Instance, [Wild(DType.U8, 1, 3, 130, 90), Wild(DType.I8, 2, 3, 70, 90), Wild(DType.U8, 3, 3, 130), Wild(DType.I8, 4, 3, 70)]);
    }

    private static IEnumerable<(Op Op, ImmutableArray<Tensor> Inputs)> Windows()
    {
        Window same = new([3, 3], [1, 1], [1, 1], [1, 1], [1, 1], [30, 31]);
        Window strided = new([3, 2], [2, 2], [1, 2], [1, 0], [0, 1], [14, 15]);
        Window point = new([1, 1], [1, 1], [1, 1], [0, 0], [0, 0], [30, 31]);
        foreach ((Window window, long channels, long filters, long groups) in ((Window, long, long, long)[])
            [(same, 3, 16, 1), (same, 64, 130, 1), (strided, 24, 32, 1), (same, 32, 32, 32), (strided, 12, 8, 4), (point, 96, 64, 1)])
        {
            (long height, long width) = (30, 31);
            foreach (DType type in Reals)
            {
                yield return (
                    new Conv(window, groups),
                    [Tame(type, 1, 2, channels, height, width), Tame(type, 2, [filters, channels / groups, .. window.Kernel]), Tame(type, 3, filters)]);
            }

            foreach (DType type in Codes)
            {
                yield return (
                    new ConvInteger(window, groups),
                    [
                        Wild(type, 1, 2, channels, height, width), Wild(DType.I8, 2, [filters, channels / groups, .. window.Kernel]),
                        Wild(type, 3), Wild(DType.I8, 4, filters),
                    ]);
            }
        }

        foreach (DType type in Reals)
        {
            yield return (new MaxPool(same, false), [Wild(type, 1, 2, 5, 30, 31)]);
            yield return (new AveragePool(same, false), [Tame(type, 1, 2, 5, 30, 31)]);
            yield return (new AveragePool(strided, true), [Tame(type, 1, 2, 5, 30, 31)]);
            yield return (GlobalAveragePool.Instance, [Tame(type, 1, 3, 7, 1003)]);
        }
    }

    private static IEnumerable<(Op Op, ImmutableArray<Tensor> Inputs)> Rows()
    {
        foreach (DType type in Reals)
        {
            foreach (long length in (long[])[1, 31, 768, 1000, 5000])
            {
                yield return (new Softmax(false), [Tame(type, 1, 33, length)]);
                yield return (new Softmax(true), [Wild(type, 1, 33, length)]);
                yield return (new LayerNorm(1e-5f), [Tame(type, 1, 33, length), Tame(type, 2, length), Tame(type, 3, length)]);
                yield return (new RmsNorm(1e-6f), [Tame(type, 1, 33, length), Tame(type, 2, length)]);
                yield return (new ArgMax(false, false), [Wild(type, 1, 33, length)]);
                foreach (Reduction kind in Enum.GetValues<Reduction>())
                {
                    yield return (new Reduce(kind, 1), [Tame(type, 1, 33, length)]);
                }
            }

            yield return (new TopK(5, false), [Wild(type, 1, 33, 1000)]);
            yield return (new Gather(0), [Wild(type, 1, 1000, 64), Tensor.Of<long>(DType.I64, new Shape(6), 0, 999, -1, 17, 5000, -5000)]);
            yield return (new BatchNorm(1e-5f), [Tame(type, 1, 2, 20, 300), Tame(type, 2, 20), Tame(type, 3, 20), Tame(type, 4, 20), Wild(type, 5, 20)]);
        }

        yield return (new Cumulate(false), [Tame(DType.F32, 1, 300, 70)]);
        yield return (DynamicQuantizeLinear.Instance, [Tame(DType.F32, 1, 30, 1000)]);
    }

    private static Tensor Tame(DType type, uint seed, params ReadOnlySpan<long> extents) => Samplings.Tame(type, new Shape(extents), seed);

    private static Tensor Wild(DType type, uint seed, params ReadOnlySpan<long> extents) => Samplings.Wild(type, new Shape(extents), seed);
}
