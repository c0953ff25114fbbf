using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  The block of outputs that stays in registers: up to six rows of two vectors, or one row of eight, or two rows of four.
//  Each lane is one output element and walks k in ascending order, so the bits are those of Engine/Ops/Dot.cs at every width.
//
//  a      [k][rows]            one value of each row, then the next k
//  b      two vectors of columns for each k, a step apart: packed panels, or a row-major matrix as it lies
//  c      rows of two vectors, ldc apart: the running totals; read first unless fresh, finished (canonical) when last
//  order  for each block of 256 k: s = +0; s = fma(a, b, s) for k ascending; total = Add(total, s)
//

/// <summary>Where the running totals of one call lie.</summary>
/// <param name="C">First total; a row is two vectors for each panel.</param>
/// <param name="Stride">From one row to the next.</param>
/// <param name="Between">Room for the totals between blocks, contiguous so that rows never collide in the cache.</param>
/// <param name="Alpha">Factor of each block's sum.</param>
/// <param name="Fresh">Totals start at +0 instead of what lies there.</param>
/// <param name="Last">The totals are complete after this call.</param>
internal readonly unsafe record struct Totals(nint C, long Stride, nint Between, float Alpha, bool Fresh, bool Last)
{
    /// <summary>Adds the sums of one block to the totals of two vectors of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Fold<F, TTotal>(F left, F right, F scale, int row, int panel, bool first, bool end)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
    {
        float* c = (float*)C + (row * Stride) + (panel * 2 * F.Lanes);
        float* between = (float*)Between + (((row * 4) + panel) * 2 * F.Lanes);
        float* from = first ? c : between;
        bool zero = first && Fresh;
        left = TTotal.Add(zero ? default : F.Load(from), left, scale);
        right = TTotal.Add(zero ? default : F.Load(from + F.Lanes), right, scale);
        if (!end)
        {
            F.Store(between, left);
            F.Store(between + F.Lanes, right);
            return;
        }

        F.Store(c, Last ? TTotal.Finish(left) : left);
        F.Store(c + F.Lanes, Last ? TTotal.Finish(right) : right);
    }

    /// <summary>Totals of a contraction of length 0: what they start from.</summary>
    internal void Untouched<F, TTotal>(int rows, int panels)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
    {
        for (int row = 0; row < rows; row++)
        {
            float* c = (float*)C + (row * Stride);
            for (int vector = 0; vector < 2 * panels; vector++)
            {
                float* at = c + (vector * F.Lanes);
                F.Store(at, Fresh ? default : TTotal.Finish(F.Load(at)));
            }
        }
    }
}

/// <summary>A row count known to the compiler: the text of the micro-kernel is cut to it.</summary>
internal interface IRows
{
    static abstract int Count { get; }
}

internal readonly struct RowsOne : IRows
{
    public static int Count => 1;
}

internal readonly struct RowsTwo : IRows
{
    public static int Count => 2;
}

internal readonly struct RowsThree : IRows
{
    public static int Count => 3;
}

internal readonly struct RowsFour : IRows
{
    public static int Count => 4;
}

internal readonly struct RowsFive : IRows
{
    public static int Count => 5;
}

internal readonly struct RowsSix : IRows
{
    public static int Count => 6;
}

/// <summary>The innermost loops of every product.</summary>
internal static unsafe class MicroKernel
{
    /// <summary>Length of a block of k: part of the definition, not a tuning parameter.</summary>
    internal const int Block = 256;

    // Steps of k that the columns are asked for in advance.
    private const long Ahead = 16;

    /// <summary>Most rows of one call.</summary>
    internal const int MaxRows = 6;

    /// <summary>Panels that one call takes at once for the given number of rows, where the columns allow it: few rows alone would not
    /// keep the multipliers busy.</summary>
    internal static int PanelsAtOnce(int rows) => rows switch
    {
        1 => 4,
        2 => 2,
        _ => 1,
    };

    /// <summary>Runs the kernel over several panels of columns at once (see <see cref="PanelsAtOnce"/>).</summary>
    internal static void RunWide<F, TTotal>(int rows, float* a, float* b, long step, long panel, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
    {
        if (rows == 1)
        {
            FourPanels<F, TTotal>(a, b, step, panel, k, c);
        }
        else
        {
            TwoPanels<F, TTotal>(a, b, step, panel, k, c);
        }
    }

    /// <summary>Runs the kernel for the given number of rows.</summary>
    internal static void Run<F, TTotal>(int rows, float* a, float* b, long step, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
    {
        switch (rows)
        {
            case 1:
                Panel<F, RowsOne, TTotal>(a, b, step, k, c);
                break;
            case 2:
                Panel<F, RowsTwo, TTotal>(a, b, step, k, c);
                break;
            case 3:
                Panel<F, RowsThree, TTotal>(a, b, step, k, c);
                break;
            case 4:
                Panel<F, RowsFour, TTotal>(a, b, step, k, c);
                break;
            case 5:
                Panel<F, RowsFive, TTotal>(a, b, step, k, c);
                break;
            case 6:
                Panel<F, RowsSix, TTotal>(a, b, step, k, c);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<F, TRows, TTotal>(float* a, float* b, long step, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TRows : struct, IRows
        where TTotal : struct, ITotal
    {
        bool first = true;
        long ahead = step * Ahead;
        while (true)
        {
            long steps = Math.Min(k, Block);
            k -= steps;
            F s00 = default, s01 = default;
            F s10 = default, s11 = default;
            F s20 = default, s21 = default;
            F s30 = default, s31 = default;
            F s40 = default, s41 = default;
            F s50 = default, s51 = default;
            for (; steps > 0; steps--)
            {
                F.Prefetch(b + ahead);
                F b0 = F.Load(b);
                F b1 = F.Load(b + F.Lanes);
                F x = F.Of(a[0]);
                s00 = F.Fma(x, b0, s00);
                s01 = F.Fma(x, b1, s01);
                if (TRows.Count > 1)
                {
                    x = F.Of(a[1]);
                    s10 = F.Fma(x, b0, s10);
                    s11 = F.Fma(x, b1, s11);
                }

                if (TRows.Count > 2)
                {
                    x = F.Of(a[2]);
                    s20 = F.Fma(x, b0, s20);
                    s21 = F.Fma(x, b1, s21);
                }

                if (TRows.Count > 3)
                {
                    x = F.Of(a[3]);
                    s30 = F.Fma(x, b0, s30);
                    s31 = F.Fma(x, b1, s31);
                }

                if (TRows.Count > 4)
                {
                    x = F.Of(a[4]);
                    s40 = F.Fma(x, b0, s40);
                    s41 = F.Fma(x, b1, s41);
                }

                if (TRows.Count > 5)
                {
                    x = F.Of(a[5]);
                    s50 = F.Fma(x, b0, s50);
                    s51 = F.Fma(x, b1, s51);
                }

                a += TRows.Count;
                b += step;
            }

            bool end = k == 0;
            F scale = F.Of(c.Alpha);
            c.Fold<F, TTotal>(s00, s01, scale, 0, 0, first, end);
            if (TRows.Count > 1)
            {
                c.Fold<F, TTotal>(s10, s11, scale, 1, 0, first, end);
            }

            if (TRows.Count > 2)
            {
                c.Fold<F, TTotal>(s20, s21, scale, 2, 0, first, end);
            }

            if (TRows.Count > 3)
            {
                c.Fold<F, TTotal>(s30, s31, scale, 3, 0, first, end);
            }

            if (TRows.Count > 4)
            {
                c.Fold<F, TTotal>(s40, s41, scale, 4, 0, first, end);
            }

            if (TRows.Count > 5)
            {
                c.Fold<F, TTotal>(s50, s51, scale, 5, 0, first, end);
            }

            if (end)
            {
                return;
            }

            first = false;
        }
    }

    // One row of four panels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourPanels<F, TTotal>(float* a, float* b, long step, long panel, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
    {
        bool first = true;
        long ahead = step * Ahead;
        float* b1 = b + panel;
        float* b2 = b1 + panel;
        float* b3 = b2 + panel;
        while (true)
        {
            long steps = Math.Min(k, Block);
            k -= steps;
            F s00 = default, s01 = default;
            F s10 = default, s11 = default;
            F s20 = default, s21 = default;
            F s30 = default, s31 = default;
            for (; steps > 0; steps--)
            {
                F.Prefetch(b + ahead);
                F.Prefetch(b1 + ahead);
                F.Prefetch(b2 + ahead);
                F.Prefetch(b3 + ahead);
                F x = F.Of(*a);
                s00 = F.Fma(x, F.Load(b), s00);
                s01 = F.Fma(x, F.Load(b + F.Lanes), s01);
                s10 = F.Fma(x, F.Load(b1), s10);
                s11 = F.Fma(x, F.Load(b1 + F.Lanes), s11);
                s20 = F.Fma(x, F.Load(b2), s20);
                s21 = F.Fma(x, F.Load(b2 + F.Lanes), s21);
                s30 = F.Fma(x, F.Load(b3), s30);
                s31 = F.Fma(x, F.Load(b3 + F.Lanes), s31);
                a++;
                b += step;
                b1 += step;
                b2 += step;
                b3 += step;
            }

            bool end = k == 0;
            F scale = F.Of(c.Alpha);
            c.Fold<F, TTotal>(s00, s01, scale, 0, 0, first, end);
            c.Fold<F, TTotal>(s10, s11, scale, 0, 1, first, end);
            c.Fold<F, TTotal>(s20, s21, scale, 0, 2, first, end);
            c.Fold<F, TTotal>(s30, s31, scale, 0, 3, first, end);
            if (end)
            {
                return;
            }

            first = false;
        }
    }

    // Two rows of two panels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoPanels<F, TTotal>(float* a, float* b, long step, long panel, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
    {
        bool first = true;
        long ahead = step * Ahead;
        float* b1 = b + panel;
        while (true)
        {
            long steps = Math.Min(k, Block);
            k -= steps;
            F s00 = default, s01 = default, s02 = default, s03 = default;
            F s10 = default, s11 = default, s12 = default, s13 = default;
            for (; steps > 0; steps--)
            {
                F.Prefetch(b + ahead);
                F.Prefetch(b1 + ahead);
                F x = F.Of(a[0]);
                F y = F.Of(a[1]);
                F column = F.Load(b);
                s00 = F.Fma(x, column, s00);
                s10 = F.Fma(y, column, s10);
                column = F.Load(b + F.Lanes);
                s01 = F.Fma(x, column, s01);
                s11 = F.Fma(y, column, s11);
                column = F.Load(b1);
                s02 = F.Fma(x, column, s02);
                s12 = F.Fma(y, column, s12);
                column = F.Load(b1 + F.Lanes);
                s03 = F.Fma(x, column, s03);
                s13 = F.Fma(y, column, s13);
                a += 2;
                b += step;
                b1 += step;
            }

            bool end = k == 0;
            F scale = F.Of(c.Alpha);
            c.Fold<F, TTotal>(s00, s01, scale, 0, 0, first, end);
            c.Fold<F, TTotal>(s02, s03, scale, 0, 1, first, end);
            c.Fold<F, TTotal>(s10, s11, scale, 1, 0, first, end);
            c.Fold<F, TTotal>(s12, s13, scale, 1, 1, first, end);
            if (end)
            {
                return;
            }

            first = false;
        }
    }
}
