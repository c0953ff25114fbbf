using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Elementwise loops over f32, f16 and bf16: the loops over a block.</summary>
internal static unsafe class Singles
{
    // Elements below which a second worker is not worth waking.
    private const long Least = 8192;

    /// <summary>Runs blocks of an output on the workers.</summary>
    internal static void ForBlocks(KernelRun run, long elements, BlockBody body)
        => run.ForRanges(elements, Least, (start, end, worker) =>
        {
            for (long at = start; at < end; at += Blocks.Elements)
            {
                body(at, (int)Math.Min(Blocks.Elements, end - at), worker);
            }
        });

    /// <summary>y = f(x) over a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Loop<F, TMap>(TMap map, float* x, float* y, int count)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1
    {
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(y + i, F.Canonical(map.Apply(F.Load(x + i))));
        }

        for (; i < count; i++)
        {
            Floats1.Store(y + i, Floats1.Canonical(map.Apply(Floats1.Load(x + i))));
        }
    }

    /// <summary>y = f(a, b) over a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Loop<F, TMap>(TMap map, float* a, float* b, float* y, int count)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap2
    {
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(y + i, F.Canonical(map.Apply(F.Load(a + i), F.Load(b + i))));
        }

        for (; i < count; i++)
        {
            Floats1.Store(y + i, Floats1.Canonical(map.Apply(Floats1.Load(a + i), Floats1.Load(b + i))));
        }
    }

    /// <summary>Part of an output: first element, number of elements, worker.</summary>
    internal delegate void BlockBody(long start, int count, int worker);
}
