using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/DequantizeLinear.cs for 8- and 16-bit codes: y = fl(x - zero) * scale.
//

/// <summary>Integer codes as reals.</summary>
internal static unsafe class DequantizeLinear
{
    internal static bool Run<F>(KernelRun run)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        int size = operand.Type.DType.Size();
        if (size > 2)
        {
            return false;
        }

        DType type = run.Call.Node.Outputs[0].DType;
        Blocks x = new(run, operand);
        Blocks scale = new(run, run.Call.Inputs[1]);
        Blocks zero = new(run, run.Call.Inputs[2]);
        void* y = run.Output<byte>(0);
        float* room = run.Rent<float>(run.Workers * 4L * Blocks.Elements);
        Singles.ForBlocks(run, operand.Type.Elements, (start, count, worker) =>
        {
            float* own = room + (worker * 4L * Blocks.Elements);
            float* scales = scale.Singles(start, count, own);
            int* codes = Load(x, size, start, count, own + Blocks.Elements);
            int* zeros = Load(zero, size, start, count, own + (2 * Blocks.Elements));
            float* result = type == DType.F32 ? (float*)y + start : own + (3 * Blocks.Elements);
            Block<F>(codes, zeros, scales, result, count);
            if (type != DType.F32)
            {
                Blocks.Store(type, result, count, y, start);
            }
        });
        return true;
    }

    // Codes wait in the upper half of the room until they are widened, lowest first.
    private static int* Load(Blocks blocks, int size, long start, int count, float* room)
    {
        void* stored = size == 1
            ? blocks.Stored(start, count, (byte*)room + (3 * count))
            : blocks.Stored(start, count, (ushort*)room + count);
        Codes.Widen(blocks.Type, stored, count, (int*)room);
        return (int*)room;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block<F>(int* x, int* zero, float* scale, float* y, int count)
        where F : unmanaged, IFloats<F>
    {
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(y + i, Value(F.Load((float*)(x + i)), F.Load((float*)(zero + i)), F.Load(scale + i)));
        }

        for (; i < count; i++)
        {
            Floats1.Store(y + i, Value(Floats1.Load((float*)(x + i)), Floats1.Load((float*)(zero + i)), Floats1.Load(scale + i)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Value<F>(F code, F zero, F scale)
        where F : unmanaged, IFloats<F> => F.Canonical(F.FromInt(F.SubtractInt(code, zero)) * scale);
}
