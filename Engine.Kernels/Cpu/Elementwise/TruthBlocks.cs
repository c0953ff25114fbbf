using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Truth values and 8-bit integers as f32.</summary>
/// <param name="signed">i8, otherwise u8 or bool.</param>
internal sealed unsafe class WidenBlock<F>(bool signed) : BlockOp
    where F : unmanaged, IFloats<F>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        byte* x = (byte*)operands[0];
        float* to = (float*)y;
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(to + i, F.FromInt(F.LoadBytes(x + i, signed)));
        }

        for (; i < count; i++)
        {
            to[i] = signed ? (sbyte)x[i] : x[i];
        }
    }
}

/// <summary>As Ops.Equal on i32 or u32.</summary>
internal sealed unsafe class EqualWordsBlock<F> : BlockOp
    where F : unmanaged, IFloats<F>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        float* a = (float*)operands[0];
        float* b = (float*)operands[1];
        byte* to = (byte*)y;
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.StoreBytes(to + i, F.And(F.EqualInt(F.Load(a + i), F.Load(b + i)), F.OfInt(1)));
        }

        for (; i < count; i++)
        {
            to[i] = ((int*)a)[i] == ((int*)b)[i] ? (byte)1 : (byte)0;
        }
    }
}
