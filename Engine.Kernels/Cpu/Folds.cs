using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu;

//
//  Same bits as Engine/Numerics/Folds.cs: the 32 virtual lanes lie in as many vectors as it takes, so the width cannot reach them.
//
//    lane        0 1 2 … 31 | 0 1 2 … 31 | …      element i of a block of 4,096 goes to lane i mod 32
//    then        v[i] += v[i + 16], v[i + 8], 4, 2, 1
//

/// <summary>The term of a fold as it is.</summary>
internal readonly struct SameMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => x;
}

/// <summary>(x − centre)², each step rounded.</summary>
internal readonly struct SquareFrom(float centre) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F>
    {
        F d = x - F.Of(centre);
        return d * d;
    }
}

/// <summary>x², rounded.</summary>
internal readonly struct SquareMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => x * x;
}

/// <summary>The one way to fold many numbers into one, and the largest and smallest of many.</summary>
internal static unsafe class Folds
{
    /// <summary>Elements of a block.</summary>
    internal const int Block = 4096;

    private const int Lanes = 32;

    /// <summary>The sum of f(x) over n elements.</summary>
    internal static float Sum<F, TMap>(TMap map, float* x, long n)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1
    {
        if (n <= Block)
        {
            return SumBlock<F, TMap>(map, x, (int)n);
        }

        fixed (float* sums = new float[Blocks(n)])
        {
            SumBlocks<F, TMap>(map, x, n, sums);
            return Sum<F, SameMap>(default, sums, Blocks(n));
        }
    }

    /// <summary>Number of blocks of n elements.</summary>
    internal static long Blocks(long n) => (n + Block - 1) / Block;

    /// <summary>The sum of f(x) over each block of n elements.</summary>
    internal static void SumBlocks<F, TMap>(TMap map, float* x, long n, float* sums)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1
    {
        for (long start = 0; start < n; start += Block)
        {
            sums[start / Block] = Numerics.Real.Canonical(SumBlock<F, TMap>(map, x + start, (int)Math.Min(Block, n - start)));
        }
    }

    /// <summary>The largest (or smallest) of each block of n elements.</summary>
    internal static void ExtremeBlocks<F>(bool largest, float* x, long n, float* extremes)
        where F : unmanaged, IFloats<F>
    {
        for (long start = 0; start < n; start += Block)
        {
            extremes[start / Block] = Numerics.Real.Canonical(Extreme<F>(largest, x + start, Math.Min(Block, n - start)));
        }
    }

    /// <summary>The largest (or smallest) of n ≥ 1 elements; a NaN's payload is open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Extreme<F>(bool largest, float* x, long n)
        where F : unmanaged, IFloats<F>
    {
        float best = largest ? float.NegativeInfinity : float.PositiveInfinity;
        long i = 0;
        if (n >= F.Lanes)
        {
            F lanes = F.Of(best);
            for (; i <= n - F.Lanes; i += F.Lanes)
            {
                lanes = largest ? F.Max(lanes, F.Load(x + i)) : F.Min(lanes, F.Load(x + i));
            }

            float* each = stackalloc float[Lanes];
            F.Store(each, lanes);
            for (int lane = 0; lane < F.Lanes; lane++)
            {
                best = Better(largest, best, each[lane]);
            }
        }

        for (; i < n; i++)
        {
            best = Better(largest, best, x[i]);
        }

        return best;
    }

    /// <summary>Of two, the larger or the smaller.</summary>
    internal static float Better(bool largest, float a, float b)
        => largest ? Numerics.Real.Max(a, b) : Numerics.Real.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumBlock<F, TMap>(TMap map, float* x, int n)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1
    {
        float* lanes = stackalloc float[Lanes];
        F v0 = default, v1 = default, v2 = default, v3 = default, v4 = default, v5 = default, v6 = default, v7 = default;
        int i = 0;
        for (; F.Lanes > 1 && i <= n - Lanes; i += Lanes)
        {
            float* at = x + i;
            v0 += map.Apply(F.Load(at));
            v1 += map.Apply(F.Load(at + F.Lanes));
            if (F.Lanes <= 8)
            {
                v2 += map.Apply(F.Load(at + (2 * F.Lanes)));
                v3 += map.Apply(F.Load(at + (3 * F.Lanes)));
            }

            if (F.Lanes <= 4)
            {
                v4 += map.Apply(F.Load(at + (4 * F.Lanes)));
                v5 += map.Apply(F.Load(at + (5 * F.Lanes)));
                v6 += map.Apply(F.Load(at + (6 * F.Lanes)));
                v7 += map.Apply(F.Load(at + (7 * F.Lanes)));
            }
        }

        if (F.Lanes > 1)
        {
            F.Store(lanes, v0);
            F.Store(lanes + F.Lanes, v1);
        }
        else
        {
            new Span<float>(lanes, Lanes).Clear();
        }

        if (F.Lanes is 4 or 8)
        {
            F.Store(lanes + (2 * F.Lanes), v2);
            F.Store(lanes + (3 * F.Lanes), v3);
        }

        if (F.Lanes == 4)
        {
            F.Store(lanes + (4 * F.Lanes), v4);
            F.Store(lanes + (5 * F.Lanes), v5);
            F.Store(lanes + (6 * F.Lanes), v6);
            F.Store(lanes + (7 * F.Lanes), v7);
        }

        for (; i < n; i++)
        {
            float* lane = lanes + (i % Lanes);
            Floats1.Store(lane, Floats1.Load(lane) + map.Apply(Floats1.Load(x + i)));
        }

        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int lane = 0; lane < half; lane++)
            {
                lanes[lane] += lanes[lane + half];
            }
        }

        return lanes[0];
    }
}
