using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

//
//  What Softmax does to a row at sixteen lanes, for rows whose maximum is finite: one pass for the maximum, one for e = exp(x - m) and the
//  sum of e. No argument of exp is positive, and the 32 lanes of the fold are the two vectors of a step.
//

/// <summary>The passes of Softmax over a row.</summary>
internal static unsafe class QuickRows
{
    private const byte Larger = 0b0101;

    /// <summary>Whether this machine has the instructions.</summary>
    internal static bool IsSupported => QuickFunctions.IsSupported && Avx512DQ.IsSupported;

    /// <summary>The largest of n numbers. NaN or infinite where one may be: then it need not be the largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Largest(float* x, int n)
    {
        // The instruction puts -0 below +0, and passes over a NaN.
        Vector512<float> v0 = Vector512.Create(float.NegativeInfinity), v1 = v0, v2 = v0, v3 = v0;
        int i = 0;
        for (; i <= n - 64; i += 64)
        {
            v0 = Avx512DQ.Range(v0, Vector512.Load(x + i), Larger);
            v1 = Avx512DQ.Range(v1, Vector512.Load(x + i + 16), Larger);
            v2 = Avx512DQ.Range(v2, Vector512.Load(x + i + 32), Larger);
            v3 = Avx512DQ.Range(v3, Vector512.Load(x + i + 48), Larger);
        }

        for (; i <= n - 16; i += 16)
        {
            v0 = Avx512DQ.Range(v0, Vector512.Load(x + i), Larger);
        }

        if (i < n)
        {
            Vector512<float> first = Unsafe.BitCast<Floats16, Vector512<float>>(RowLoops.First<Floats16>(n - i));
            v1 = Avx512DQ.Range(v1, Avx512F.MaskLoad(x + i, first, v1), Larger);
        }

        v0 = Avx512DQ.Range(Avx512DQ.Range(v0, v1, Larger), Avx512DQ.Range(v2, v3, Larger), Larger);
        return RowLoops.Across(default(MaxMap), new Floats16(v0));
    }

    /// <summary>e[i] = exp(x[i] - m) over at most <see cref="Folds.Block"/> elements; m is finite, at least each x.</summary>
    /// <returns>The 32-lane fold of the exponentials: NaN where an x is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static float Exponentials(float* x, float m, float* e, int n)
    {
        Vector512<float> sum0 = default, sum1 = default;
        int done = 0;
        while (done < n)
        {
            done += Pairs(x + done, m, e + done, (n - done) & -32, ref sum0, ref sum1);
            if (done < n)
            {
                int count = int.Min(n - done, 32);
                Some(x + done, m, e + done, count, ref sum0, ref sum1);
                done += count;
            }
        }

        return RowLoops.Across(default(AddMap), new Floats16(sum0 + sum1));
    }

    // Up to the first step with an open lane.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Pairs(float* x, float m, float* e, int n, ref Vector512<float> sum0, ref Vector512<float> sum1)
    {
        Vector512<float> most = Vector512.Create(m);
        Vector512<float> total0 = sum0, total1 = sum1;
        nint i = 0;
        for (; i < n; i += 32)
        {
            Vector512<float> e0 = Exponential(Vector512.Load(x + i) - most, out ulong open0);
            Vector512<float> e1 = Exponential(Vector512.Load(x + i + 16) - most, out ulong open1);
            if ((open0 | open1) != 0)
            {
                break;
            }

            e0.Store(e + i);
            e1.Store(e + i + 16);
            total0 += e0;
            total1 += e1;
        }

        sum0 = total0;
        sum1 = total1;
        return (int)i;
    }

    // At most 32 elements; a lane without one adds +0.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Some(float* x, float m, float* e, int n, ref Vector512<float> sum0, ref Vector512<float> sum1)
    {
        float* some = stackalloc float[32];
        for (int i = 0; i < 32; i++)
        {
            some[i] = i < n ? x[i] - m : float.NegativeInfinity;
        }

        QuickFunctions.Some<QuickExp, SameMap, SecondMap>(default, default, some, some, 32);
        new ReadOnlySpan<float>(some, n).CopyTo(new Span<float>(e, n));
        sum0 += Vector512.Load(some);
        sum1 += Vector512.Load(some + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exponential(Vector512<float> x, out ulong open)
    {
        Vector512<float> at = QuickExp.NotPositive(x, out ulong outside);
        Vector512<float> y = QuickFunctions.At<QuickExp>(at, out open);
        open |= outside;
        return y;
    }
}
