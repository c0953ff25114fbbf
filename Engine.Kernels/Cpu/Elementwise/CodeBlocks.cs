using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>As Ops.QuantizeLinear: v = x / scale, a real division; y = clamp(rne(v), low − zero, high − zero) + zero.</summary>
/// <param name="x">Type of x: f32, f16, bf16 or i32.</param>
/// <param name="scale">Type of the scale.</param>
/// <param name="type">Type of the codes.</param>
internal sealed unsafe class QuantizeBlock<F>(DType x, DType scale, DType type) : BlockOp
    where F : unmanaged, IFloats<F>
{
    internal override int Cost => 3;

    internal override int Room => 2;

    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        float* values = x == DType.I32 ? FromIntegers((int*)operands[0], room, count) : Blocks.Singles(x, operands[0], count, room);
        Quantize(values, Blocks.Singles(scale, operands[1], count, room + Blocks.Elements), (byte*)operands[2], (byte*)y, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float* FromIntegers(int* from, float* to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            to[i] = from[i];
        }

        return to;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Quantize(float* from, float* scales, byte* zero, byte* to, int count)
    {
        (long low, long high) = type.IntegerRange();
        int size = type.Size();
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F value = F.Load(from + i) / F.Load(scales + i);
            Code.Store(to + (i * size), type, Codes.Saturate(value, Code.Load<F>(zero + (i * size), type), low, high));
        }

        for (; i < count; i++)
        {
            Floats1 value = Floats1.Load(from + i) / Floats1.Load(scales + i);
            Code.Store(to + (i * size), type, Codes.Saturate(value, Code.Load<Floats1>(zero + (i * size), type), low, high));
        }
    }
}

/// <summary>As Ops.DequantizeLinear for 8- and 16-bit codes: y = fl(x − zero) · scale.</summary>
/// <param name="type">Type of the codes.</param>
/// <param name="scale">Type of the scale and of y.</param>
internal sealed unsafe class DequantizeBlock<F>(DType type, DType scale) : BlockOp
    where F : unmanaged, IFloats<F>
{
    internal override int Cost => 2;

    internal override int Room => 2;

    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        float* scales = Blocks.Singles(scale, operands[1], count, room);
        float* to = scale == DType.F32 ? (float*)y : room + Blocks.Elements;
        Dequantize((byte*)operands[0], scales, (byte*)operands[2], to, count);
        if (scale != DType.F32)
        {
            Blocks.Store(scale, to, count, y, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Dequantize(byte* x, float* scales, byte* zero, float* to, int count)
    {
        int size = type.Size();
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(to + i, Value(Code.Load<F>(x + (i * size), type), Code.Load<F>(zero + (i * size), type), F.Load(scales + i)));
        }

        for (; i < count; i++)
        {
            Floats1.Store(
                to + i, Value(Code.Load<Floats1>(x + (i * size), type), Code.Load<Floats1>(zero + (i * size), type), Floats1.Load(scales + i)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Value<T>(T code, T zero, T scale)
        where T : unmanaged, IFloats<T> => T.Canonical(T.FromInt(T.SubtractInt(code, zero)) * scale);
}

/// <summary>As Ops.DequantizeLinear for i32: the difference is exact in 64 bits, and rounded once to f32.</summary>
/// <param name="scale">Type of the scale and of y.</param>
internal sealed unsafe class DequantizeIntegerBlock(DType scale) : BlockOp
{
    internal override int Cost => 4;

    internal override int Room => 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        int* x = (int*)operands[0];
        float* scales = Blocks.Singles(scale, operands[1], count, room);
        int* zero = (int*)operands[2];
        float* to = room + Blocks.Elements;
        for (int i = 0; i < count; i++)
        {
            to[i] = Real.Canonical((float)((long)x[i] - zero[i]) * scales[i]);
        }

        Blocks.Store(scale, to, count, y, 0);
    }
}

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

/// <summary>Lanes of codes.</summary>
internal static unsafe class Code
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static F Load<F>(byte* from, DType type)
        where F : unmanaged, IFloats<F>
        => type is DType.U8 or DType.I8 ? F.LoadBytes(from, type == DType.I8) : F.LoadWords((ushort*)from, type == DType.I16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store<F>(byte* to, DType type, F codes)
        where F : unmanaged, IFloats<F>
    {
        if (type is DType.U8 or DType.I8)
        {
            F.StoreBytes(to, codes);
        }
        else
        {
            F.StoreWords((ushort*)to, codes);
        }
    }
}
