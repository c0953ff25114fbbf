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
//  order  total = start of the row; for each block of 256 k: s = +0; s = fma(a, x, s) for k ascending; total = total + s
//

/// <summary>A number known to the compiler: the text of the micro-kernel is cut to it.</summary>
internal interface ICount
{
    static abstract int Count { get; }
}

internal readonly struct One : ICount
{
    public static int Count => 1;
}

internal readonly struct Two : ICount
{
    public static int Count => 2;
}

internal readonly struct Three : ICount
{
    public static int Count => 3;
}

internal readonly struct Four : ICount
{
    public static int Count => 4;
}

internal readonly struct Five : ICount
{
    public static int Count => 5;
}

internal readonly struct Six : ICount
{
    public static int Count => 6;
}

internal readonly struct Seven : ICount
{
    public static int Count => 7;
}

internal readonly struct Eight : ICount
{
    public static int Count => 8;
}

internal readonly struct Nine : ICount
{
    public static int Count => 9;
}

internal readonly struct Ten : ICount
{
    public static int Count => 10;
}

internal readonly struct Eleven : ICount
{
    public static int Count => 11;
}

internal readonly struct Twelve : ICount
{
    public static int Count => 12;
}

internal readonly struct Thirteen : ICount
{
    public static int Count => 13;
}

internal readonly struct Fourteen : ICount
{
    public static int Count => 14;
}

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

    /// <summary>Runs the kernel for the given number of rows, at one vector or two.</summary>
    internal static void Run<F, TVectors>(int rows, float* a, long* at, float* left, float* right, long k, in WindowTotals c)
        where F : unmanaged, IFloats<F>
        where TVectors : struct, ICount
    {
        switch (rows)
        {
            case 1:
                Tile<F, One, TVectors>(a, at, left, right, k, c);
                break;
            case 2:
                Tile<F, Two, TVectors>(a, at, left, right, k, c);
                break;
            case 3:
                Tile<F, Three, TVectors>(a, at, left, right, k, c);
                break;
            case 4:
                Tile<F, Four, TVectors>(a, at, left, right, k, c);
                break;
            case 5:
                Tile<F, Five, TVectors>(a, at, left, right, k, c);
                break;
            case 6:
                Tile<F, Six, TVectors>(a, at, left, right, k, c);
                break;
            case 7:
                Tile<F, Seven, TVectors>(a, at, left, right, k, c);
                break;
            case 8:
                Tile<F, Eight, TVectors>(a, at, left, right, k, c);
                break;
            case 9:
                Tile<F, Nine, TVectors>(a, at, left, right, k, c);
                break;
            case 10:
                Tile<F, Ten, TVectors>(a, at, left, right, k, c);
                break;
            case 11:
                Tile<F, Eleven, TVectors>(a, at, left, right, k, c);
                break;
            case 12:
                Tile<F, Twelve, TVectors>(a, at, left, right, k, c);
                break;
            case 13:
                Tile<F, Thirteen, TVectors>(a, at, left, right, k, c);
                break;
            case 14:
                Tile<F, Fourteen, TVectors>(a, at, left, right, k, c);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<F, TRows, TVectors>(float* a, long* at, float* left, float* right, long k, in WindowTotals c)
        where F : unmanaged, IFloats<F>
        where TRows : struct, ICount
        where TVectors : struct, ICount
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
                F r = TVectors.Count > 1 ? F.Load(right + offset) : default;
                F x = F.Of(a[0]);
                l0 = F.Fma(x, l, l0);
                r0 = TVectors.Count > 1 ? F.Fma(x, r, r0) : r0;
                if (TRows.Count > 1)
                {
                    x = F.Of(a[1]);
                    l1 = F.Fma(x, l, l1);
                    r1 = TVectors.Count > 1 ? F.Fma(x, r, r1) : r1;
                }

                if (TRows.Count > 2)
                {
                    x = F.Of(a[2]);
                    l2 = F.Fma(x, l, l2);
                    r2 = TVectors.Count > 1 ? F.Fma(x, r, r2) : r2;
                }

                if (TRows.Count > 3)
                {
                    x = F.Of(a[3]);
                    l3 = F.Fma(x, l, l3);
                    r3 = TVectors.Count > 1 ? F.Fma(x, r, r3) : r3;
                }

                if (TRows.Count > 4)
                {
                    x = F.Of(a[4]);
                    l4 = F.Fma(x, l, l4);
                    r4 = TVectors.Count > 1 ? F.Fma(x, r, r4) : r4;
                }

                if (TRows.Count > 5)
                {
                    x = F.Of(a[5]);
                    l5 = F.Fma(x, l, l5);
                    r5 = TVectors.Count > 1 ? F.Fma(x, r, r5) : r5;
                }

                if (TRows.Count > 6)
                {
                    x = F.Of(a[6]);
                    l6 = F.Fma(x, l, l6);
                    r6 = TVectors.Count > 1 ? F.Fma(x, r, r6) : r6;
                }

                if (TRows.Count > 7)
                {
                    x = F.Of(a[7]);
                    l7 = F.Fma(x, l, l7);
                    r7 = TVectors.Count > 1 ? F.Fma(x, r, r7) : r7;
                }

                if (TRows.Count > 8)
                {
                    x = F.Of(a[8]);
                    l8 = F.Fma(x, l, l8);
                    r8 = TVectors.Count > 1 ? F.Fma(x, r, r8) : r8;
                }

                if (TRows.Count > 9)
                {
                    x = F.Of(a[9]);
                    l9 = F.Fma(x, l, l9);
                    r9 = TVectors.Count > 1 ? F.Fma(x, r, r9) : r9;
                }

                if (TRows.Count > 10)
                {
                    x = F.Of(a[10]);
                    l10 = F.Fma(x, l, l10);
                    r10 = TVectors.Count > 1 ? F.Fma(x, r, r10) : r10;
                }

                if (TRows.Count > 11)
                {
                    x = F.Of(a[11]);
                    l11 = F.Fma(x, l, l11);
                    r11 = TVectors.Count > 1 ? F.Fma(x, r, r11) : r11;
                }

                if (TRows.Count > 12)
                {
                    x = F.Of(a[12]);
                    l12 = F.Fma(x, l, l12);
                    r12 = TVectors.Count > 1 ? F.Fma(x, r, r12) : r12;
                }

                if (TRows.Count > 13)
                {
                    x = F.Of(a[13]);
                    l13 = F.Fma(x, l, l13);
                    r13 = TVectors.Count > 1 ? F.Fma(x, r, r13) : r13;
                }

                a += TRows.Count;
                at++;
            }

            bool end = k == 0;
            Fold<F, TVectors>(l0, r0, 0, c, first, end);
            if (TRows.Count > 1)
            {
                Fold<F, TVectors>(l1, r1, 1, c, first, end);
            }

            if (TRows.Count > 2)
            {
                Fold<F, TVectors>(l2, r2, 2, c, first, end);
            }

            if (TRows.Count > 3)
            {
                Fold<F, TVectors>(l3, r3, 3, c, first, end);
            }

            if (TRows.Count > 4)
            {
                Fold<F, TVectors>(l4, r4, 4, c, first, end);
            }

            if (TRows.Count > 5)
            {
                Fold<F, TVectors>(l5, r5, 5, c, first, end);
            }

            if (TRows.Count > 6)
            {
                Fold<F, TVectors>(l6, r6, 6, c, first, end);
            }

            if (TRows.Count > 7)
            {
                Fold<F, TVectors>(l7, r7, 7, c, first, end);
            }

            if (TRows.Count > 8)
            {
                Fold<F, TVectors>(l8, r8, 8, c, first, end);
            }

            if (TRows.Count > 9)
            {
                Fold<F, TVectors>(l9, r9, 9, c, first, end);
            }

            if (TRows.Count > 10)
            {
                Fold<F, TVectors>(l10, r10, 10, c, first, end);
            }

            if (TRows.Count > 11)
            {
                Fold<F, TVectors>(l11, r11, 11, c, first, end);
            }

            if (TRows.Count > 12)
            {
                Fold<F, TVectors>(l12, r12, 12, c, first, end);
            }

            if (TRows.Count > 13)
            {
                Fold<F, TVectors>(l13, r13, 13, c, first, end);
            }

            if (end)
            {
                return;
            }

            first = false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<F, TVectors>(F left, F right, int row, in WindowTotals c, bool first, bool end)
        where F : unmanaged, IFloats<F>
        where TVectors : struct, ICount
    {
        float* start = (float*)c.Start + row;
        float* between = (float*)c.Between + (row * 2 * F.Lanes);
        Fold<F>(left, start, between, (float*)c.Left + (row * c.LeftStride), first, end);
        if (TVectors.Count > 1)
        {
            Fold<F>(right, start, between + F.Lanes, (float*)c.Right + (row * c.RightStride), first, end);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<F>(F sum, float* start, float* between, float* to, bool first, bool end)
        where F : unmanaged, IFloats<F>
    {
        F total = (first ? F.Of(*start) : F.Load(between)) + sum;
        F.Store(end ? to : between, end ? F.Canonical(total) : total);
    }
}
