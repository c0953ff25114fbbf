using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/QuantizeLinear.cs: v = x / scale, a real division; y = clamp(rne(v), low - zero, high - zero) + zero.
//

/// <summary>Reals as integer codes.</summary>
internal static unsafe class QuantizeLinear
{
    internal static bool Run<F>(KernelRun run)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        if (!operand.Type.DType.IsSingle())
        {
            return false;
        }

        Blocks x = new(run, operand);
        Blocks scale = new(run, run.Call.Inputs[1]);
        Blocks zero = new(run, run.Call.Inputs[2]);
        DType type = zero.Type;
        void* y = run.Output<byte>(0);
        float* room = run.Rent<float>(run.Workers * 4L * Blocks.Elements);
        Singles.ForBlocks(run, operand.Type.Elements, (start, count, worker) =>
        {
            float* own = room + (worker * 4L * Blocks.Elements);
            int* zeros = (int*)(own + (2 * Blocks.Elements));
            int* codes = (int*)(own + (3 * Blocks.Elements));
            void* stored = type.Size() == 1 ? zero.Stored(start, count, (byte*)codes) : zero.Stored(start, count, (ushort*)codes);
            Codes.Widen(type, stored, count, zeros);
            Block<F>(x.Singles(start, count, own), scale.Singles(start, count, own + Blocks.Elements), zeros, type, codes, count);
            Codes.Store(type, codes, count, y, start);
        });
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block<F>(float* x, float* scale, int* zero, DType type, int* y, int count)
        where F : unmanaged, IFloats<F>
    {
        (long low, long high) = type.IntegerRange();
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store((float*)(y + i), Codes.Saturate(F.Load(x + i) / F.Load(scale + i), F.Load((float*)(zero + i)), low, high));
        }

        for (; i < count; i++)
        {
            Floats1 value = Floats1.Load(x + i) / Floats1.Load(scale + i);
            Floats1.Store((float*)(y + i), Codes.Saturate(value, Floats1.Load((float*)(zero + i)), low, high));
        }
    }
}
