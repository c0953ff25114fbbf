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

/// <summary>Where the totals of one call go: two vectors a row.</summary>
/// <param name="Left">First total of the left vector.</param>
/// <param name="LeftStride">From one row to the next.</param>
/// <param name="Right">First total of the right vector.</param>
/// <param name="RightStride">From one row to the next.</param>
/// <param name="Start">What the totals of each row start from.</param>
/// <param name="Between">Room for the totals between blocks, and the sums of a block.</param>
internal readonly record struct WindowTotals(nint Left, long LeftStride, nint Right, long RightStride, nint Start, nint Between);

/// <summary>The innermost loops of every convolution.</summary>
internal static unsafe class WindowKernel
{
    /// <summary>Room for totals between blocks and for the sums of a block, in floats.</summary>
    internal const int BetweenFloats = 2 * 2 * 14 * 16;

    /// <summary>Most rows of one call.</summary>
    internal static int MaxRows<F>()
        where F : unmanaged, IFloats<F> => F.Lanes == 16 ? 14 : 6;

    /// <summary>Runs the kernel for the given number of rows, at one vector or two.</summary>
    internal static void Run<F, TVectors>(int rows, float* a, long* at, float* left, float* right, long k, in WindowTotals c)
        where F : unmanaged, IFloats<F>
        where TVectors : unmanaged
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
        where TRows : unmanaged
        where TVectors : unmanaged
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
                F r = sizeof(TVectors) > 1 ? F.Load(right + offset) : default;
                Step<F, TVectors>(a, l, r, ref l0, ref r0);
                if (sizeof(TRows) > 1)
                {
                    Step<F, TVectors>(a + 1, l, r, ref l1, ref r1);
                }

                if (sizeof(TRows) > 2)
                {
                    Step<F, TVectors>(a + 2, l, r, ref l2, ref r2);
                }

                if (sizeof(TRows) > 3)
                {
                    Step<F, TVectors>(a + 3, l, r, ref l3, ref r3);
                }

                if (sizeof(TRows) > 4)
                {
                    Step<F, TVectors>(a + 4, l, r, ref l4, ref r4);
                }

                if (sizeof(TRows) > 5)
                {
                    Step<F, TVectors>(a + 5, l, r, ref l5, ref r5);
                }

                if (sizeof(TRows) > 6)
                {
                    Step<F, TVectors>(a + 6, l, r, ref l6, ref r6);
                }

                if (sizeof(TRows) > 7)
                {
                    Step<F, TVectors>(a + 7, l, r, ref l7, ref r7);
                }

                if (sizeof(TRows) > 8)
                {
                    Step<F, TVectors>(a + 8, l, r, ref l8, ref r8);
                }

                if (sizeof(TRows) > 9)
                {
                    Step<F, TVectors>(a + 9, l, r, ref l9, ref r9);
                }

                if (sizeof(TRows) > 10)
                {
                    Step<F, TVectors>(a + 10, l, r, ref l10, ref r10);
                }

                if (sizeof(TRows) > 11)
                {
                    Step<F, TVectors>(a + 11, l, r, ref l11, ref r11);
                }

                if (sizeof(TRows) > 12)
                {
                    Step<F, TVectors>(a + 12, l, r, ref l12, ref r12);
                }

                if (sizeof(TRows) > 13)
                {
                    Step<F, TVectors>(a + 13, l, r, ref l13, ref r13);
                }

                a += sizeof(TRows);
                at++;
            }

            bool end = k == 0;
            float* sums = (float*)c.Between + (2 * 14 * F.Lanes);
            Keep<F, TVectors>(l0, r0, 0, sums);
            if (sizeof(TRows) > 1)
            {
                Keep<F, TVectors>(l1, r1, 1, sums);
            }

            if (sizeof(TRows) > 2)
            {
                Keep<F, TVectors>(l2, r2, 2, sums);
            }

            if (sizeof(TRows) > 3)
            {
                Keep<F, TVectors>(l3, r3, 3, sums);
            }

            if (sizeof(TRows) > 4)
            {
                Keep<F, TVectors>(l4, r4, 4, sums);
            }

            if (sizeof(TRows) > 5)
            {
                Keep<F, TVectors>(l5, r5, 5, sums);
            }

            if (sizeof(TRows) > 6)
            {
                Keep<F, TVectors>(l6, r6, 6, sums);
            }

            if (sizeof(TRows) > 7)
            {
                Keep<F, TVectors>(l7, r7, 7, sums);
            }

            if (sizeof(TRows) > 8)
            {
                Keep<F, TVectors>(l8, r8, 8, sums);
            }

            if (sizeof(TRows) > 9)
            {
                Keep<F, TVectors>(l9, r9, 9, sums);
            }

            if (sizeof(TRows) > 10)
            {
                Keep<F, TVectors>(l10, r10, 10, sums);
            }

            if (sizeof(TRows) > 11)
            {
                Keep<F, TVectors>(l11, r11, 11, sums);
            }

            if (sizeof(TRows) > 12)
            {
                Keep<F, TVectors>(l12, r12, 12, sums);
            }

            if (sizeof(TRows) > 13)
            {
                Keep<F, TVectors>(l13, r13, 13, sums);
            }

            Fold<F, TVectors>(sizeof(TRows), sums, c, first, end);
            if (end)
            {
                return;
            }

            first = false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<F, TVectors>(float* x, F left, F right, ref F leftSum, ref F rightSum)
        where F : unmanaged, IFloats<F>
        where TVectors : unmanaged
    {
        if (sizeof(TVectors) > 1)
        {
            F.Fma(x, left, right, ref leftSum, ref rightSum);
        }
        else
        {
            leftSum = F.Fma(F.Of(*x), left, leftSum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<F, TVectors>(F left, F right, int row, float* sums)
        where F : unmanaged, IFloats<F>
        where TVectors : unmanaged
    {
        F.Store(sums + (row * 2 * F.Lanes), left);
        if (sizeof(TVectors) > 1)
        {
            F.Store(sums + (((row * 2) + 1) * F.Lanes), right);
        }
    }

    // The sums of a block enter the totals. One loop over sums in memory: as text for each register it takes the compiler longer than all
    // the rest of a kernel, and twice the memory.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fold<F, TVectors>(int rows, float* sums, in WindowTotals c, bool first, bool end)
        where F : unmanaged, IFloats<F>
        where TVectors : unmanaged
    {
        float* start = (float*)c.Start;
        float* between = (float*)c.Between;
        float* left = (float*)c.Left;
        float* right = (float*)c.Right;
        for (int row = 0; row < rows; row++)
        {
            Fold(F.Load(sums), first ? F.Of(start[row]) : F.Load(between), end ? left : between, end);
            if (sizeof(TVectors) > 1)
            {
                float* more = between + F.Lanes;
                Fold(F.Load(sums + F.Lanes), first ? F.Of(start[row]) : F.Load(more), end ? right : more, end);
            }

            sums += 2 * F.Lanes;
            between += 2 * F.Lanes;
            left += c.LeftStride;
            right += c.RightStride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<F>(F sum, F total, float* to, bool end)
        where F : unmanaged, IFloats<F>
    {
        total += sum;
        F.Store(to, end ? F.Canonical(total) : total);
    }
}
