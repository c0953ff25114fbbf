using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/DynamicQuantizeLinear.cs. The range is a maximum and a minimum, so blocks may find theirs in any order.
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
        float* room = run.Rent<float>(run.Workers * 2L * Blocks.Elements);
        float[] lows = new float[run.Workers];
        float[] highs = new float[run.Workers];
        Singles.ForBlocks(run, count, (start, length, worker) =>
        {
            float* block = x.Singles(start, length, room + (worker * 2L * Blocks.Elements));
            lows[worker] = Real.Min(lows[worker], Folds.Extreme<F>(largest: false, block, length));
            highs[worker] = Real.Max(highs[worker], Folds.Extreme<F>(largest: true, block, length));
        });
        float low = 0f;
        float high = 0f;
        for (int worker = 0; worker < run.Workers; worker++)
        {
            low = Real.Min(low, lows[worker]);
            high = Real.Max(high, highs[worker]);
        }

        float scale = Real.Canonical(high == low ? 1f : (high - low) / 255f);
        Floats1.Store(room, Codes.Saturate(Floats1.Of(0f - (low / scale)), Floats1.OfInt(0), 0f, 255f));
        int zero = *(int*)room;
        *run.Output<float>(1) = scale;
        *run.Output<byte>(2) = (byte)zero;
        Singles.ForBlocks(run, count, (start, length, worker) =>
        {
            float* own = room + (worker * 2L * Blocks.Elements);
            int* codes = (int*)(own + Blocks.Elements);
            Block<F>(x.Singles(start, length, own), scale, zero, codes, length);
            for (int i = 0; i < length; i++)
            {
                y[start + i] = (byte)codes[i];
            }
        });
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block<F>(float* x, float scale, int zero, int* y, int count)
        where F : unmanaged, IFloats<F>
    {
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store((float*)(y + i), Codes.Saturate(F.Load(x + i) / F.Of(scale), F.OfInt(zero), 0f, 255f));
        }

        for (; i < count; i++)
        {
            Floats1.Store((float*)(y + i), Codes.Saturate(Floats1.Load(x + i) / Floats1.Of(scale), Floats1.OfInt(zero), 0f, 255f));
        }
    }
}
