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
    internal static float Extreme<F>(bool largest, float* x, long n)
        where F : unmanaged, IFloats<F>
        => largest ? Extreme<F, MaxMap>(default, float.NegativeInfinity, x, n) : Extreme<F, MinMap>(default, float.PositiveInfinity, x, n);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Extreme<F, TMap>(TMap better, float worst, float* x, long n)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap2
    {
        F v0 = F.Of(worst), v1 = v0, v2 = v0, v3 = v0;
        long i = 0;
        for (; i <= n - (4 * F.Lanes); i += 4 * F.Lanes)
        {
            float* at = x + i;
            v0 = better.Apply(v0, F.Load(at));
            v1 = better.Apply(v1, F.Load(at + F.Lanes));
            v2 = better.Apply(v2, F.Load(at + (2 * F.Lanes)));
            v3 = better.Apply(v3, F.Load(at + (3 * F.Lanes)));
        }

        for (; i <= n - F.Lanes; i += F.Lanes)
        {
            v0 = better.Apply(v0, F.Load(x + i));
        }

        if (i < n)
        {
            F some = RowLoops.Load<F>(x + i, (int)(n - i));
            v1 = better.Apply(v1, F.Select(RowLoops.First<F>((int)(n - i)), some, F.Of(worst)));
        }

        return RowLoops.Across(better, better.Apply(better.Apply(v0, v1), better.Apply(v2, v3)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumBlock<F, TMap>(TMap map, float* x, int n)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1
    {
        if (sizeof(F) == sizeof(float))
        {
            return SumBlock(map, x, n);
        }

        F v0 = default, v1 = default, v2 = default, v3 = default, v4 = default, v5 = default, v6 = default, v7 = default;
        int i = 0;
        for (; i <= n - Lanes; i += Lanes)
        {
            float* at = x + i;
            v0 += map.Apply(F.Load(at));
            v1 += map.Apply(F.Load(at + F.Lanes));
            if (sizeof(F) <= 8 * sizeof(float))
            {
                v2 += map.Apply(F.Load(at + (2 * F.Lanes)));
                v3 += map.Apply(F.Load(at + (3 * F.Lanes)));
            }

            if (sizeof(F) == 4 * sizeof(float))
            {
                v4 += map.Apply(F.Load(at + (4 * F.Lanes)));
                v5 += map.Apply(F.Load(at + (5 * F.Lanes)));
                v6 += map.Apply(F.Load(at + (6 * F.Lanes)));
                v7 += map.Apply(F.Load(at + (7 * F.Lanes)));
            }
        }

        // A lane that gets no term gets +0, which changes no sum that began with +0.
        if (i < n)
        {
            float* at = x + i;
            int rest = n - i;
            v0 += Some<F, TMap>(map, at, rest);
            v1 += Some<F, TMap>(map, at + F.Lanes, rest - F.Lanes);
            if (sizeof(F) <= 8 * sizeof(float))
            {
                v2 += Some<F, TMap>(map, at + (2 * F.Lanes), rest - (2 * F.Lanes));
                v3 += Some<F, TMap>(map, at + (3 * F.Lanes), rest - (3 * F.Lanes));
            }

            if (sizeof(F) == 4 * sizeof(float))
            {
                v4 += Some<F, TMap>(map, at + (4 * F.Lanes), rest - (4 * F.Lanes));
                v5 += Some<F, TMap>(map, at + (5 * F.Lanes), rest - (5 * F.Lanes));
                v6 += Some<F, TMap>(map, at + (6 * F.Lanes), rest - (6 * F.Lanes));
                v7 += Some<F, TMap>(map, at + (7 * F.Lanes), rest - (7 * F.Lanes));
            }
        }

        F total = F.Lanes switch
        {
            16 => v0 + v1,
            8 => (v0 + v2) + (v1 + v3),
            _ => ((v0 + v4) + (v2 + v6)) + ((v1 + v5) + (v3 + v7)),
        };
        return RowLoops.Across(default(AddMap), total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Some<F, TMap>(TMap map, float* x, int count)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1
        => count >= F.Lanes ? map.Apply(F.Load(x))
            : count <= 0 ? default
            : F.And(map.Apply(RowLoops.Load<F>(x, count)), RowLoops.First<F>(count));

    private static float SumBlock<TMap>(TMap map, float* x, int n)
        where TMap : struct, IMap1
    {
        float* lanes = stackalloc float[Lanes];
        new Span<float>(lanes, Lanes).Clear();
        for (int i = 0; i < n; i++)
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
