using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  The block of outputs that stays in registers: up to twelve rows of two vectors (six where there are sixteen registers), or few rows of
//  more. Each lane is one output element and walks k in ascending order, so the bits are those of Engine/Ops/Dot.cs at every width.
//
//  a      rows of k, a stride apart, as they lie; one value at a time is repeated over the lanes
//  b      two vectors of columns for each k, a step apart: packed panels, widened on the way where they are narrow, or a row-major matrix as
//         it lies
//  c      rows of two vectors, a stride apart: the running totals
//  order  for each block of 256 k: s = +0; s = fma(a, b, s) for k ascending; total = Add(total, s)
//

/// <summary>The innermost loops of every product.</summary>
internal static unsafe class MicroKernel
{
    /// <summary>Length of a block of k: part of the definition, not a tuning parameter.</summary>
    internal const int Block = 256;

    // Steps of k that the columns are asked for in advance.
    private const long Ahead = 16;

    // Those of one row, which come from memory as a rule.
    private const long FarAhead = 64;

    /// <summary>Most rows of one call: their sums, two vectors of columns and one value fill the registers.</summary>
    internal static int MaxRows<F>()
        where F : unmanaged, IFloats<F> => F.Lanes == 16 ? 12 : 6;

    /// <summary>Panels that one call takes at once for the given number of rows, where the columns allow it: few rows alone would not
    /// keep the multipliers busy.</summary>
    internal static int PanelsAtOnce(int rows) => rows switch
    {
        1 => 4,
        2 or 3 => 2,
        _ => 1,
    };

    /// <summary>Runs the kernel over several panels of columns at once (see <see cref="PanelsAtOnce"/>).</summary>
    internal static void RunWide<F, TColumns>(int rows, float* a, long stride, float* b, long step, long panel, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TColumns : struct, IColumns
    {
        switch (rows)
        {
            case 1:
                FourPanels<F, TColumns>(a, b, step, panel, k, c);
                break;
            case 2:
                TwoPanels<F, Two, TColumns>(a, stride, b, step, panel, k, c);
                break;
            default:
                TwoPanels<F, Three, TColumns>(a, stride, b, step, panel, k, c);
                break;
        }
    }

    /// <summary>Runs the kernel for the given number of rows.</summary>
    internal static void Run<F, TColumns>(int rows, float* a, long stride, float* b, long step, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TColumns : struct, IColumns
    {
        switch (rows)
        {
            case 1:
                Panel<F, One, TColumns>(a, stride, b, step, k, c);
                break;
            case 2:
                Panel<F, Two, TColumns>(a, stride, b, step, k, c);
                break;
            case 3:
                Panel<F, Three, TColumns>(a, stride, b, step, k, c);
                break;
            case 4:
                Panel<F, Four, TColumns>(a, stride, b, step, k, c);
                break;
            case 5:
                Panel<F, Five, TColumns>(a, stride, b, step, k, c);
                break;
            case 6:
                Panel<F, Six, TColumns>(a, stride, b, step, k, c);
                break;
            case 7:
                Panel<F, Seven, TColumns>(a, stride, b, step, k, c);
                break;
            case 8:
                Panel<F, Eight, TColumns>(a, stride, b, step, k, c);
                break;
            case 9:
                Panel<F, Nine, TColumns>(a, stride, b, step, k, c);
                break;
            case 10:
                Panel<F, Ten, TColumns>(a, stride, b, step, k, c);
                break;
            case 11:
                Panel<F, Eleven, TColumns>(a, stride, b, step, k, c);
                break;
            case 12:
                Panel<F, Twelve, TColumns>(a, stride, b, step, k, c);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<F, TRows, TColumns>(float* a, long stride, float* b, long step, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TRows : unmanaged
        where TColumns : struct, IColumns
    {
        bool first = true;
        long ahead = step * Ahead;
        long two = 2 * stride;
        float* a3 = a + (3 * stride);
        float* a6 = a3 + (3 * stride);
        float* a9 = a6 + (3 * stride);
        while (true)
        {
            long steps = Math.Min(k, Block);
            k -= steps;
            F s0l = default, s0r = default;
            F s1l = default, s1r = default;
            F s2l = default, s2r = default;
            F s3l = default, s3r = default;
            F s4l = default, s4r = default;
            F s5l = default, s5r = default;
            F s6l = default, s6r = default;
            F s7l = default, s7r = default;
            F s8l = default, s8r = default;
            F s9l = default, s9r = default;
            F s10l = default, s10r = default;
            F s11l = default, s11r = default;
            for (; steps > 0; steps--)
            {
                F.Prefetch(b + ahead);
                TColumns.Load(b, out F left, out F right);
                F.Fma(a, left, right, ref s0l, ref s0r);
                if (sizeof(TRows) > 1)
                {
                    F.Fma(a + stride, left, right, ref s1l, ref s1r);
                }

                if (sizeof(TRows) > 2)
                {
                    F.Fma(a + two, left, right, ref s2l, ref s2r);
                }

                if (sizeof(TRows) > 3)
                {
                    F.Fma(a3, left, right, ref s3l, ref s3r);
                }

                if (sizeof(TRows) > 4)
                {
                    F.Fma(a3 + stride, left, right, ref s4l, ref s4r);
                }

                if (sizeof(TRows) > 5)
                {
                    F.Fma(a3 + two, left, right, ref s5l, ref s5r);
                }

                if (sizeof(TRows) > 6)
                {
                    F.Fma(a6, left, right, ref s6l, ref s6r);
                }

                if (sizeof(TRows) > 7)
                {
                    F.Fma(a6 + stride, left, right, ref s7l, ref s7r);
                }

                if (sizeof(TRows) > 8)
                {
                    F.Fma(a6 + two, left, right, ref s8l, ref s8r);
                }

                if (sizeof(TRows) > 9)
                {
                    F.Fma(a9, left, right, ref s9l, ref s9r);
                }

                if (sizeof(TRows) > 10)
                {
                    F.Fma(a9 + stride, left, right, ref s10l, ref s10r);
                }

                if (sizeof(TRows) > 11)
                {
                    F.Fma(a9 + two, left, right, ref s11l, ref s11r);
                }

                a++;
                a3++;
                a6++;
                a9++;
                b += step;
            }

            bool end = k == 0;
            F alpha = F.Of(c.Alpha);
            Fold<F> fold = new(c, 2, first, end);
            fold.Row(alpha, s0l, s0r);
            if (sizeof(TRows) > 1)
            {
                fold.Row(alpha, s1l, s1r);
            }

            if (sizeof(TRows) > 2)
            {
                fold.Row(alpha, s2l, s2r);
            }

            if (sizeof(TRows) > 3)
            {
                fold.Row(alpha, s3l, s3r);
            }

            if (sizeof(TRows) > 4)
            {
                fold.Row(alpha, s4l, s4r);
            }

            if (sizeof(TRows) > 5)
            {
                fold.Row(alpha, s5l, s5r);
            }

            if (sizeof(TRows) > 6)
            {
                fold.Row(alpha, s6l, s6r);
            }

            if (sizeof(TRows) > 7)
            {
                fold.Row(alpha, s7l, s7r);
            }

            if (sizeof(TRows) > 8)
            {
                fold.Row(alpha, s8l, s8r);
            }

            if (sizeof(TRows) > 9)
            {
                fold.Row(alpha, s9l, s9r);
            }

            if (sizeof(TRows) > 10)
            {
                fold.Row(alpha, s10l, s10r);
            }

            if (sizeof(TRows) > 11)
            {
                fold.Row(alpha, s11l, s11r);
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
    private static void FourPanels<F, TColumns>(float* a, float* b, long step, long panel, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TColumns : struct, IColumns
    {
        bool first = true;
        long ahead = step * FarAhead;
        float* b1 = b + panel;
        float* b2 = b1 + panel;
        float* b3 = b2 + panel;
        while (true)
        {
            long steps = Math.Min(k, Block);
            k -= steps;
            F s0 = default, s1 = default, s2 = default, s3 = default;
            F s4 = default, s5 = default, s6 = default, s7 = default;
            for (; steps > 0; steps--)
            {
                F.Prefetch(b + ahead);
                F.Prefetch(b1 + ahead);
                F.Prefetch(b2 + ahead);
                F.Prefetch(b3 + ahead);
                F x = F.Of(*a);
                TColumns.Load(b, out F left, out F right);
                s0 = F.Fma(x, left, s0);
                s1 = F.Fma(x, right, s1);
                TColumns.Load(b1, out left, out right);
                s2 = F.Fma(x, left, s2);
                s3 = F.Fma(x, right, s3);
                TColumns.Load(b2, out left, out right);
                s4 = F.Fma(x, left, s4);
                s5 = F.Fma(x, right, s5);
                TColumns.Load(b3, out left, out right);
                s6 = F.Fma(x, left, s6);
                s7 = F.Fma(x, right, s7);
                a++;
                b += step;
                b1 += step;
                b2 += step;
                b3 += step;
            }

            bool end = k == 0;
            F alpha = F.Of(c.Alpha);
            Fold<F> fold = new(c, 8, first, end);
            fold.Add(alpha, s0, s1, 0);
            fold.Add(alpha, s2, s3, 2);
            fold.Add(alpha, s4, s5, 4);
            fold.Add(alpha, s6, s7, 6);
            if (end)
            {
                return;
            }

            first = false;
        }
    }

    // Two or three rows of two panels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoPanels<F, TRows, TColumns>(float* a, long stride, float* b, long step, long panel, long k, in Totals c)
        where F : unmanaged, IFloats<F>
        where TRows : unmanaged
        where TColumns : struct, IColumns
    {
        bool first = true;
        long ahead = step * Ahead;
        long two = 2 * stride;
        float* b1 = b + panel;
        while (true)
        {
            long steps = Math.Min(k, Block);
            k -= steps;
            F s00 = default, s01 = default, s02 = default, s03 = default;
            F s10 = default, s11 = default, s12 = default, s13 = default;
            F s20 = default, s21 = default, s22 = default, s23 = default;
            for (; steps > 0; steps--)
            {
                F.Prefetch(b + ahead);
                F.Prefetch(b1 + ahead);
                TColumns.Load(b, out F column0, out F column1);
                TColumns.Load(b1, out F column2, out F column3);
                F.Fma(a, column0, column1, ref s00, ref s01);
                F.Fma(a, column2, column3, ref s02, ref s03);
                F.Fma(a + stride, column0, column1, ref s10, ref s11);
                F.Fma(a + stride, column2, column3, ref s12, ref s13);
                if (sizeof(TRows) > 2)
                {
                    F.Fma(a + two, column0, column1, ref s20, ref s21);
                    F.Fma(a + two, column2, column3, ref s22, ref s23);
                }

                a++;
                b += step;
                b1 += step;
            }

            bool end = k == 0;
            F alpha = F.Of(c.Alpha);
            Fold<F> fold = new(c, 4, first, end);
            fold.Add(alpha, s00, s01, 0);
            fold.Add(alpha, s02, s03, 2);
            fold.Next();
            fold.Add(alpha, s10, s11, 0);
            fold.Add(alpha, s12, s13, 2);
            if (sizeof(TRows) > 2)
            {
                fold.Next();
                fold.Add(alpha, s20, s21, 0);
                fold.Add(alpha, s22, s23, 2);
            }

            if (end)
            {
                return;
            }

            first = false;
        }
    }
}
