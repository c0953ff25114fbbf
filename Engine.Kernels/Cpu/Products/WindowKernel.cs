using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  The micro-kernel of convolutions: up to fourteen output channels (six where there are sixteen registers) at two vectors of positions.
//  It differs from that of products in where columns come from: every k has an offset of its own, so that windows are read where they lie,
//  and the two vectors need not be neighbours.
//
//  a      [k][rows]       one value of each kernel, then the next k
//  at     [k]             offset of each k from a position
//  order  total = start of the row; for each block of 256 k: s = +0; s = fma(a, x, s) for k ascending; total = Add(total, s)
//

/// <summary>Where the totals of one call go: two vectors a row.</summary>
/// <param name="Left">First total of the left vector.</param>
/// <param name="LeftStride">From one row to the next.</param>
/// <param name="Right">First total of the right vector.</param>
/// <param name="RightStride">From one row to the next.</param>
/// <param name="Start">What the totals of each row start from.</param>
/// <param name="Between">Room for the totals between blocks.</param>
internal readonly record struct WindowTotals(nint Left, long LeftStride, nint Right, long RightStride, nint Start, nint Between);

/// <summary>The innermost loops of every convolution.</summary>
internal static unsafe class WindowKernel
{
    /// <summary>Room for totals between blocks, in floats.</summary>
    internal const int BetweenFloats = 2 * 14 * 16;

    /// <summary>Most rows of one call.</summary>
    internal static int MaxRows<F>()
        where F : unmanaged, IFloats<F> => F.Lanes == 16 ? 14 : 6;

    /// <summary>Runs the kernel for the given number of rows.</summary>
    internal static void Run<F, TTotal>(int rows, float* a, long* at, float* left, float* right, long k, in WindowTotals c)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
    {
        switch (rows)
        {
            case 1:
                Tile<F, One, TTotal>(a, at, left, right, k, c);
                break;
            case 2:
                Tile<F, Two, TTotal>(a, at, left, right, k, c);
                break;
            case 3:
                Tile<F, Three, TTotal>(a, at, left, right, k, c);
                break;
            case 4:
                Tile<F, Four, TTotal>(a, at, left, right, k, c);
                break;
            case 5:
                Tile<F, Five, TTotal>(a, at, left, right, k, c);
                break;
            case 6:
                Tile<F, Six, TTotal>(a, at, left, right, k, c);
                break;
            case 7:
                Tile<F, Seven, TTotal>(a, at, left, right, k, c);
                break;
            case 8:
                Tile<F, Eight, TTotal>(a, at, left, right, k, c);
                break;
            case 9:
                Tile<F, Nine, TTotal>(a, at, left, right, k, c);
                break;
            case 10:
                Tile<F, Ten, TTotal>(a, at, left, right, k, c);
                break;
            case 11:
                Tile<F, Eleven, TTotal>(a, at, left, right, k, c);
                break;
            case 12:
                Tile<F, Twelve, TTotal>(a, at, left, right, k, c);
                break;
            case 13:
                Tile<F, Thirteen, TTotal>(a, at, left, right, k, c);
                break;
            case 14:
                Tile<F, Fourteen, TTotal>(a, at, left, right, k, c);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<F, TRows, TTotal>(float* a, long* at, float* left, float* right, long k, in WindowTotals c)
        where F : unmanaged, IFloats<F>
        where TRows : struct, ICount
        where TTotal : struct, ITotal
    {
        bool first = true;
        while (true)
        {
            long steps = Math.Min(k, MicroKernel.Block);
            k -= steps;
            F l0 = default, r0 = default;
            F l1 = default, r1 = default;
            F l2 = default, r2 = default;
            F l3 = default, r3 = default;
            F l4 = default, r4 = default;
            F l5 = default, r5 = default;
            F l6 = default, r6 = default;
            F l7 = default, r7 = default;
            F l8 = default, r8 = default;
            F l9 = default, r9 = default;
            F l10 = default, r10 = default;
            F l11 = default, r11 = default;
            F l12 = default, r12 = default;
            F l13 = default, r13 = default;
            for (; steps > 0; steps--)
            {
                long offset = *at;
                F l = F.Load(left + offset);
                F r = F.Load(right + offset);
                F x = F.Of(a[0]);
                l0 = F.Fma(x, l, l0);
                r0 = F.Fma(x, r, r0);
                if (TRows.Count > 1)
                {
                    x = F.Of(a[1]);
                    l1 = F.Fma(x, l, l1);
                    r1 = F.Fma(x, r, r1);
                }

                if (TRows.Count > 2)
                {
                    x = F.Of(a[2]);
                    l2 = F.Fma(x, l, l2);
                    r2 = F.Fma(x, r, r2);
                }

                if (TRows.Count > 3)
                {
                    x = F.Of(a[3]);
                    l3 = F.Fma(x, l, l3);
                    r3 = F.Fma(x, r, r3);
                }

                if (TRows.Count > 4)
                {
                    x = F.Of(a[4]);
                    l4 = F.Fma(x, l, l4);
                    r4 = F.Fma(x, r, r4);
                }

                if (TRows.Count > 5)
                {
                    x = F.Of(a[5]);
                    l5 = F.Fma(x, l, l5);
                    r5 = F.Fma(x, r, r5);
                }

                if (TRows.Count > 6)
                {
                    x = F.Of(a[6]);
                    l6 = F.Fma(x, l, l6);
                    r6 = F.Fma(x, r, r6);
                }

                if (TRows.Count > 7)
                {
                    x = F.Of(a[7]);
                    l7 = F.Fma(x, l, l7);
                    r7 = F.Fma(x, r, r7);
                }

                if (TRows.Count > 8)
                {
                    x = F.Of(a[8]);
                    l8 = F.Fma(x, l, l8);
                    r8 = F.Fma(x, r, r8);
                }

                if (TRows.Count > 9)
                {
                    x = F.Of(a[9]);
                    l9 = F.Fma(x, l, l9);
                    r9 = F.Fma(x, r, r9);
                }

                if (TRows.Count > 10)
                {
                    x = F.Of(a[10]);
                    l10 = F.Fma(x, l, l10);
                    r10 = F.Fma(x, r, r10);
                }

                if (TRows.Count > 11)
                {
                    x = F.Of(a[11]);
                    l11 = F.Fma(x, l, l11);
                    r11 = F.Fma(x, r, r11);
                }

                if (TRows.Count > 12)
                {
                    x = F.Of(a[12]);
                    l12 = F.Fma(x, l, l12);
                    r12 = F.Fma(x, r, r12);
                }

                if (TRows.Count > 13)
                {
                    x = F.Of(a[13]);
                    l13 = F.Fma(x, l, l13);
                    r13 = F.Fma(x, r, r13);
                }

                a += TRows.Count;
                at++;
            }

            bool end = k == 0;
            Fold<F, TTotal>(l0, r0, 0, c, first, end);
            if (TRows.Count > 1)
            {
                Fold<F, TTotal>(l1, r1, 1, c, first, end);
            }

            if (TRows.Count > 2)
            {
                Fold<F, TTotal>(l2, r2, 2, c, first, end);
            }

            if (TRows.Count > 3)
            {
                Fold<F, TTotal>(l3, r3, 3, c, first, end);
            }

            if (TRows.Count > 4)
            {
                Fold<F, TTotal>(l4, r4, 4, c, first, end);
            }

            if (TRows.Count > 5)
            {
                Fold<F, TTotal>(l5, r5, 5, c, first, end);
            }

            if (TRows.Count > 6)
            {
                Fold<F, TTotal>(l6, r6, 6, c, first, end);
            }

            if (TRows.Count > 7)
            {
                Fold<F, TTotal>(l7, r7, 7, c, first, end);
            }

            if (TRows.Count > 8)
            {
                Fold<F, TTotal>(l8, r8, 8, c, first, end);
            }

            if (TRows.Count > 9)
            {
                Fold<F, TTotal>(l9, r9, 9, c, first, end);
            }

            if (TRows.Count > 10)
            {
                Fold<F, TTotal>(l10, r10, 10, c, first, end);
            }

            if (TRows.Count > 11)
            {
                Fold<F, TTotal>(l11, r11, 11, c, first, end);
            }

            if (TRows.Count > 12)
            {
                Fold<F, TTotal>(l12, r12, 12, c, first, end);
            }

            if (TRows.Count > 13)
            {
                Fold<F, TTotal>(l13, r13, 13, c, first, end);
            }

            if (end)
            {
                return;
            }

            first = false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<F, TTotal>(F left, F right, int row, in WindowTotals c, bool first, bool end)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
    {
        F one = F.Of(1f);
        float* between = (float*)c.Between + (row * 2 * F.Lanes);
        F start = F.Of(((float*)c.Start)[row]);
        left = TTotal.Add(first ? start : F.Load(between), left, one);
        right = TTotal.Add(first ? start : F.Load(between + F.Lanes), right, one);
        if (!end)
        {
            F.Store(between, left);
            F.Store(between + F.Lanes, right);
            return;
        }

        F.Store((float*)c.Left + (row * c.LeftStride), TTotal.Finish(left));
        F.Store((float*)c.Right + (row * c.RightStride), TTotal.Finish(right));
    }

    private interface ICount
    {
        static abstract int Count { get; }
    }

    private readonly struct One : ICount
    {
        public static int Count => 1;
    }

    private readonly struct Two : ICount
    {
        public static int Count => 2;
    }

    private readonly struct Three : ICount
    {
        public static int Count => 3;
    }

    private readonly struct Four : ICount
    {
        public static int Count => 4;
    }

    private readonly struct Five : ICount
    {
        public static int Count => 5;
    }

    private readonly struct Six : ICount
    {
        public static int Count => 6;
    }

    private readonly struct Seven : ICount
    {
        public static int Count => 7;
    }

    private readonly struct Eight : ICount
    {
        public static int Count => 8;
    }

    private readonly struct Nine : ICount
    {
        public static int Count => 9;
    }

    private readonly struct Ten : ICount
    {
        public static int Count => 10;
    }

    private readonly struct Eleven : ICount
    {
        public static int Count => 11;
    }

    private readonly struct Twelve : ICount
    {
        public static int Count => 12;
    }

    private readonly struct Thirteen : ICount
    {
        public static int Count => 13;
    }

    private readonly struct Fourteen : ICount
    {
        public static int Count => 14;
    }
}
