using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Turns rows into columns, in squares that fit registers.</summary>
internal static unsafe class Transposition
{
    /// <summary><c>to[j · toStride + i] = from[i · fromStride + j]</c> for i below <paramref name="rows"/> and j below
    /// <paramref name="columns"/>.</summary>
    internal static void Run(float* from, long fromStride, float* to, long toStride, long rows, long columns)
    {
        long whole = columns - (columns % 4);
        long i = 0;
        for (; Avx512F.IsSupported && i + 16 <= rows; i += 16)
        {
            Sixteen(from + (i * fromStride), fromStride, to + i, toStride, whole);
        }

        for (; Sse.IsSupported && i + 4 <= rows; i += 4)
        {
            Four(from + (i * fromStride), fromStride, to + i, toStride, whole);
        }

        Rest(from, fromStride, to, toStride, 0, i, whole, columns);
        Rest(from, fromStride, to, toStride, i, rows, 0, columns);
    }

    private static void Rest(float* from, long fromStride, float* to, long toStride, long firstRow, long rows, long firstColumn, long columns)
    {
        for (long i = firstRow; i < rows; i++)
        {
            for (long j = firstColumn; j < columns; j++)
            {
                to[(j * toStride) + i] = from[(i * fromStride) + j];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(float* from, long fromStride, float* to, long toStride, long columns)
    {
        for (long j = 0; j < columns; j += 4)
        {
            Vector128<float> a = Vector128.Load(from);
            Vector128<float> b = Vector128.Load(from + fromStride);
            Vector128<float> c = Vector128.Load(from + (2 * fromStride));
            Vector128<float> d = Vector128.Load(from + (3 * fromStride));
            Vector128<float> ab = Sse.UnpackLow(a, b);
            Vector128<float> cd = Sse.UnpackLow(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(to);
            Sse.MoveHighToLow(cd, ab).Store(to + toStride);
            ab = Sse.UnpackHigh(a, b);
            cd = Sse.UnpackHigh(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(to + (2 * toStride));
            Sse.MoveHighToLow(cd, ab).Store(to + (3 * toStride));
            from += 4;
            to += 4 * toStride;
        }
    }

    // A square of 16: rows i, i + 4, i + 8 and i + 12 share a register, a quarter each, so that four registers are turned as four squares
    // of 4 side by side.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sixteen(float* from, long fromStride, float* to, long toStride, long columns)
    {
        for (long j = 0; j < columns; j += 4)
        {
            Vector512<float> a = Quarters(from, fromStride);
            Vector512<float> b = Quarters(from + fromStride, fromStride);
            Vector512<float> c = Quarters(from + (2 * fromStride), fromStride);
            Vector512<float> d = Quarters(from + (3 * fromStride), fromStride);
            Vector512<double> ab = Avx512F.UnpackLow(a, b).AsDouble();
            Vector512<double> cd = Avx512F.UnpackLow(c, d).AsDouble();
            Avx512F.UnpackLow(ab, cd).AsSingle().Store(to);
            Avx512F.UnpackHigh(ab, cd).AsSingle().Store(to + toStride);
            ab = Avx512F.UnpackHigh(a, b).AsDouble();
            cd = Avx512F.UnpackHigh(c, d).AsDouble();
            Avx512F.UnpackLow(ab, cd).AsSingle().Store(to + (2 * toStride));
            Avx512F.UnpackHigh(ab, cd).AsSingle().Store(to + (3 * toStride));
            from += 4;
            to += 4 * toStride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* from, long stride)
    {
        Vector512<float> all = Vector128.Load(from).ToVector256Unsafe().ToVector512Unsafe();
        all = Avx512F.InsertVector128(all, Vector128.Load(from + (4 * stride)), 1);
        all = Avx512F.InsertVector128(all, Vector128.Load(from + (8 * stride)), 2);
        return Avx512F.InsertVector128(all, Vector128.Load(from + (12 * stride)), 3);
    }
}
