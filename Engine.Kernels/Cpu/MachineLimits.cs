using System;
using System.Diagnostics;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>What this machine can do at most, measured by short loops at its best vector width: the roofs that speeds are read against.</summary>
/// <param name="Threads">Threads that ran the loops at once.</param>
/// <param name="Flops">f32 operations a second in fused multiply-adds on registers, two each; all threads together.</param>
/// <param name="MemoryBytes">Bytes a second read from 256 MiB, which caches do not hold; all threads together.</param>
public sealed unsafe record MachineLimits(int Threads, double Flops, double MemoryBytes)
{
    private const int Chains = 12;
    private const int Steps = 200_000;
    private const int Floats = 64 << 20;
    private const int Tries = 9;

    private delegate float Loop(int thread);

    /// <summary>Measures, in about half a second.</summary>
    /// <param name="threads">How many threads; 1 or more.</param>
    public static MachineLimits Measure(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        return SimdLevels.Best switch
        {
            SimdLevel.V512 => Measure<Floats16>(threads),
            SimdLevel.V256 => Measure<Floats8>(threads),
            SimdLevel.V128 => Measure<Floats4>(threads),
            _ => Measure<Floats1>(threads),
        };
    }

    private static MachineLimits Measure<F>(int threads)
        where F : unmanaged, IFloats<F>
    {
        double chains = Least(threads, _ => Multiply<F>(Steps));
        using NativeBlock block = new((long)Floats * sizeof(float));
        new Span<float>((float*)block.Address, Floats).Fill(1f);
        int share = Floats / threads;
        nint start = block.Address;
        double reading = Least(threads, thread => Read<F>((float*)start + ((long)thread * share), share));
        return new MachineLimits(threads, 2.0 * threads * Chains * Steps * F.Lanes / chains, (double)threads * share * sizeof(float) / reading);
    }

    // The least seconds of some tries of all threads doing it at once: from when the first begins until the last ends, by their own clocks, since
    // the thread that waits for them may sleep longer.
    private static double Least(int threads, Loop loop)
    {
        long[,] begun = new long[Tries, threads];
        long[,] ended = new long[Tries, threads];
        float[] kept = new float[threads];
        using Barrier together = new(threads);
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int thread = i;
            workers[i] = new Thread(() =>
            {
                for (int attempt = 0; attempt < Tries; attempt++)
                {
                    together.SignalAndWait();
                    begun[attempt, thread] = Stopwatch.GetTimestamp();
                    kept[thread] += loop(thread);
                    ended[attempt, thread] = Stopwatch.GetTimestamp();
                }
            });
            workers[i].Start();
        }

        Array.ForEach(workers, worker => worker.Join());
        return Enumerable.Range(0, Tries).Min(attempt => Stopwatch.GetElapsedTime(
            Enumerable.Range(0, threads).Min(thread => begun[attempt, thread]),
            Enumerable.Range(0, threads).Max(thread => ended[attempt, thread])).TotalSeconds);
    }

    // So many chains that no step waits for the one before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Multiply<F>(int steps)
        where F : unmanaged, IFloats<F>
    {
        F a = F.Of(0.999f);
        F b = F.Of(0.001f);
        F c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a;
        for (int i = 0; i < steps; i++)
        {
            c0 = F.Fma(c0, a, b);
            c1 = F.Fma(c1, a, b);
            c2 = F.Fma(c2, a, b);
            c3 = F.Fma(c3, a, b);
            c4 = F.Fma(c4, a, b);
            c5 = F.Fma(c5, a, b);
            c6 = F.Fma(c6, a, b);
            c7 = F.Fma(c7, a, b);
            c8 = F.Fma(c8, a, b);
            c9 = F.Fma(c9, a, b);
            c10 = F.Fma(c10, a, b);
            c11 = F.Fma(c11, a, b);
        }

        return First(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
    }

    // Four streams: one alone does not keep as many lines under way as the processor can.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Read<F>(float* from, int count)
        where F : unmanaged, IFloats<F>
    {
        F s0 = F.Of(0f), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        int lanes = F.Lanes;
        int stream = count / 4;
        for (int i = 0; i <= stream - (2 * lanes); i += 2 * lanes)
        {
            float* at = from + i;
            s0 += F.Load(at);
            s1 += F.Load(at + lanes);
            s2 += F.Load(at + stream);
            s3 += F.Load(at + stream + lanes);
            s4 += F.Load(at + (2 * stream));
            s5 += F.Load(at + (2 * stream) + lanes);
            s6 += F.Load(at + (3 * stream));
            s7 += F.Load(at + (3 * stream) + lanes);
        }

        return First(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7);
    }

    private static float First<F>(F sum)
        where F : unmanaged, IFloats<F>
    {
        float* lanes = stackalloc float[16];
        F.Store(lanes, sum);
        return lanes[0];
    }
}
