using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>A type of codes as int32 lanes.</summary>
internal unsafe interface ICode
{
    static abstract DType Type { get; }

    static abstract F Load<F>(void* from, int index)
        where F : unmanaged, IFloats<F>;

    static abstract void Store<F>(void* to, int index, F codes)
        where F : unmanaged, IFloats<F>;
}

/// <summary>u8.</summary>
internal readonly unsafe struct U8Code : ICode
{
    public static DType Type => DType.U8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Load<F>(void* from, int index)
        where F : unmanaged, IFloats<F> => F.LoadBytes((byte*)from + index, signed: false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<F>(void* to, int index, F codes)
        where F : unmanaged, IFloats<F> => F.StoreBytes((byte*)to + index, codes);
}

/// <summary>i8.</summary>
internal readonly unsafe struct I8Code : ICode
{
    public static DType Type => DType.I8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Load<F>(void* from, int index)
        where F : unmanaged, IFloats<F> => F.LoadBytes((byte*)from + index, signed: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<F>(void* to, int index, F codes)
        where F : unmanaged, IFloats<F> => F.StoreBytes((byte*)to + index, codes);
}

/// <summary>u16.</summary>
internal readonly unsafe struct U16Code : ICode
{
    public static DType Type => DType.U16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Load<F>(void* from, int index)
        where F : unmanaged, IFloats<F> => F.LoadWords((ushort*)from + index, signed: false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<F>(void* to, int index, F codes)
        where F : unmanaged, IFloats<F> => F.StoreWords((ushort*)to + index, codes);
}

/// <summary>i16.</summary>
internal readonly unsafe struct I16Code : ICode
{
    public static DType Type => DType.I16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Load<F>(void* from, int index)
        where F : unmanaged, IFloats<F> => F.LoadWords((ushort*)from + index, signed: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<F>(void* to, int index, F codes)
        where F : unmanaged, IFloats<F> => F.StoreWords((ushort*)to + index, codes);
}

/// <summary>As Ops.QuantizeLinear: v = x / scale, a real division; y = clamp(rne(v), low − zero, high − zero) + zero.</summary>
/// <param name="x">Type of x: f32, f16, bf16 or i32.</param>
/// <param name="scale">Type of the scale.</param>
internal sealed unsafe class QuantizeBlock<F, TCode>(DType x, DType scale) : BlockOp
    where F : unmanaged, IFloats<F>
    where TCode : struct, ICode
{
    internal override int Cost => 4;

    internal override int Room => 2;

    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        float* values = x == DType.I32 ? room : Blocks.Singles(x, operands[0], count, room);
        if (x == DType.I32)
        {
            FromIntegers((int*)operands[0], room, count);
        }

        Quantize(values, Blocks.Singles(scale, operands[1], count, room + Blocks.Elements), operands[2], y, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromIntegers(int* from, float* to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            to[i] = from[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Quantize(float* x, float* scale, void* zero, void* y, int count)
    {
        (long low, long high) = TCode.Type.IntegerRange();
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            TCode.Store(y, i, Codes.Saturate(F.Load(x + i) / F.Load(scale + i), TCode.Load<F>(zero, i), low, high));
        }

        for (; i < count; i++)
        {
            TCode.Store(y, i, Codes.Saturate(Floats1.Load(x + i) / Floats1.Load(scale + i), TCode.Load<Floats1>(zero, i), low, high));
        }
    }
}

/// <summary>As Ops.DequantizeLinear for 8- and 16-bit codes: y = fl(x − zero) · scale.</summary>
/// <param name="scale">Type of the scale and of y.</param>
internal sealed unsafe class DequantizeBlock<F, TCode>(DType scale) : BlockOp
    where F : unmanaged, IFloats<F>
    where TCode : struct, ICode
{
    internal override int Room => 2;

    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        float* scales = Blocks.Singles(scale, operands[1], count, room);
        float* to = scale == DType.F32 ? (float*)y : room + Blocks.Elements;
        Dequantize(operands[0], scales, operands[2], to, count);
        if (scale != DType.F32)
        {
            Blocks.Store(scale, to, count, y, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dequantize(void* x, float* scale, void* zero, float* y, int count)
    {
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(y + i, Value(TCode.Load<F>(x, i), TCode.Load<F>(zero, i), F.Load(scale + i)));
        }

        for (; i < count; i++)
        {
            Floats1.Store(y + i, Value(TCode.Load<Floats1>(x, i), TCode.Load<Floats1>(zero, i), Floats1.Load(scale + i)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Value<TLanes>(TLanes code, TLanes zero, TLanes scale)
        where TLanes : unmanaged, IFloats<TLanes> => TLanes.Canonical(TLanes.FromInt(TLanes.SubtractInt(code, zero)) * scale);
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
