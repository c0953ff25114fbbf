using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/DynamicQuantizeLinear.cs. The extremes of blocks are outputs too.
//

/// <summary>Reals as u8 codes with scale and zero point taken from their range.</summary>
internal static unsafe class DynamicQuantizeLinear
{
    internal static bool Run<F>(KernelRun run)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        long count = operand.Type.Elements;
        Blocks x = new(run, operand);
        byte* y = run.Output<byte>(0);
        float* room = run.Rent<float>(run.Workers * (long)Folds.Block);
        int outputs = run.Call.Outputs.Length;
        (float low, float high) = count == 0 ? (0f, 0f) : Range<F>(run, x, count, room, (outputs - 5) / 2);
        float scale = Real.Canonical(high == low ? 1f : (high - low) / 255f);
        Floats1.Store(room, Codes.Saturate(Floats1.Of(0f - (low / scale)), Floats1.OfInt(0), 0f, 255f));
        int zero = *(int*)room;
        *run.Output<float>(outputs - 4) = low;
        *run.Output<float>(outputs - 3) = high;
        *run.Output<float>(outputs - 2) = scale;
        *run.Output<byte>(outputs - 1) = (byte)zero;
        Singles.ForBlocks(run, count, (start, length, worker) =>
        {
            float* own = room + (worker * 2L * Blocks.Elements);
            Block<F>(x.Singles(start, length, own), scale, zero, y + start, length);
        });
        return true;
    }

    // The smallest and largest of 0 and all elements; those of blocks go to the levels' outputs.
    private static (float Low, float High) Range<F>(KernelRun run, Blocks x, long count, float* room, int levels)
        where F : unmanaged, IFloats<F>
    {
        if (levels == 0)
        {
            return Last<F>(x.Singles(0, (int)count, room), null, count);
        }

        float* lows = run.Output<float>(1);
        float* highs = run.Output<float>(1 + levels);
        run.ForRanges(Folds.Blocks(count), 1, (first, end, worker) =>
        {
            for (long block = first; block < end; block++)
            {
                int length = (int)Math.Min(Folds.Block, count - (block * Folds.Block));
                float* elements = x.Singles(block * Folds.Block, length, room + (worker * (long)Folds.Block));
                Folds.ExtremeBlocks<F>(largest: false, elements, length, lows + block);
                Folds.ExtremeBlocks<F>(largest: true, elements, length, highs + block);
            }
        });
        count = Folds.Blocks(count);
        for (int level = 1; level < levels; level++)
        {
            Folds.ExtremeBlocks<F>(largest: false, lows, count, run.Output<float>(1 + level));
            Folds.ExtremeBlocks<F>(largest: true, highs, count, run.Output<float>(1 + levels + level));
            lows = run.Output<float>(1 + level);
            highs = run.Output<float>(1 + levels + level);
            count = Folds.Blocks(count);
        }

        return Last<F>(lows, highs, count);
    }

    private static (float Low, float High) Last<F>(float* lows, float* highs, long count)
        where F : unmanaged, IFloats<F>
    {
        float low = Folds.Extreme<F>(largest: false, lows, count);
        float high = Folds.Extreme<F>(largest: true, highs == null ? lows : highs, count);
        return (Real.Canonical(Real.Min(0f, low)), Real.Canonical(Real.Max(0f, high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block<F>(float* x, float scale, int zero, byte* y, int count)
        where F : unmanaged, IFloats<F>
    {
        F least = F.Of(0f - zero);
        F most = F.Of(255f - zero);
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.StoreBytes(y + i, Codes.Saturate(F.Load(x + i) / F.Of(scale), F.OfInt(zero), least, most));
        }

        for (; i < count; i++)
        {
            Floats1.StoreBytes(y + i, Codes.Saturate(Floats1.Load(x + i) / Floats1.Of(scale), Floats1.OfInt(zero), 0f, 255f));
        }
    }
}
