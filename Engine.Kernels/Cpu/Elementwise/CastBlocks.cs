using System.Numerics;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

//
//  Same bits as Engine/Ops/Cast.cs: reals to integers truncated and held within the bounds, NaN as 0; integers wrap; to bool whether it is not
//  zero; to reals rounded once. What has no text here is for the definition: from u64 and f64 to reals, and to f16 and bf16 from integers.
//

/// <summary>One element as another type.</summary>
internal interface ICastMap<TFrom, TTo>
{
    static abstract TTo Of(TFrom x);
}

/// <summary>Truncated, held within the bounds; NaN as 0.</summary>
internal readonly struct Truncated<TTo> : ICastMap<float, TTo>
    where TTo : unmanaged, IBinaryInteger<TTo>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TTo Of(float x) => float.IsNaN(x) ? TTo.Zero : TTo.CreateSaturating(x);
}

/// <summary>The low bits, or more bits of the same number.</summary>
internal readonly struct Wrapped<TFrom, TTo> : ICastMap<TFrom, TTo>
    where TFrom : unmanaged, IBinaryInteger<TFrom>
    where TTo : unmanaged, IBinaryInteger<TTo>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TTo Of(TFrom x) => TTo.CreateTruncating(x);
}

/// <summary>Whether it is not zero.</summary>
internal readonly struct Truth<TFrom> : ICastMap<TFrom, byte>
    where TFrom : unmanaged, INumberBase<TFrom>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Of(TFrom x) => TFrom.IsZero(x) ? (byte)0 : (byte)1;
}

/// <summary>The nearest f32.</summary>
internal readonly struct Nearest<TFrom> : ICastMap<TFrom, float>
    where TFrom : unmanaged, IBinaryInteger<TFrom>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(TFrom x) => float.CreateTruncating(x);
}

/// <summary>The same f32 as f64.</summary>
internal readonly struct Widened : ICastMap<float, double>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Of(float x) => x;
}

/// <summary>Another element type, one by one.</summary>
internal sealed unsafe class CastBlock<TFrom, TTo, TMap> : BlockOp
    where TFrom : unmanaged
    where TTo : unmanaged
    where TMap : struct, ICastMap<TFrom, TTo>
{
    internal override int Cost => 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        TFrom* from = (TFrom*)operands[0];
        TTo* to = (TTo*)y;
        for (int i = 0; i < count; i++)
        {
            to[i] = TMap.Of(from[i]);
        }
    }
}

/// <summary>f32 truncated to an integer of at most 32 bits with a sign, or at most 16 without.</summary>
/// <param name="size">Bytes of the integer.</param>
/// <param name="least">Its least value.</param>
/// <param name="most">Its greatest; both are f32 where it is not i32.</param>
internal sealed unsafe class TruncateBlock<F>(int size, float least, float most) : BlockOp
    where F : unmanaged, IFloats<F>
{
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        float* x = (float*)operands[0];
        int whole = count - (count % F.Lanes);
        Loop<F>(x, (byte*)y, whole);
        Loop<Floats1>(x + whole, (byte*)y + (whole * size), count - whole);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Loop<G>(float* x, byte* y, int count)
        where G : unmanaged, IFloats<G>
    {
        G low = G.Of(least);
        G high = G.Of(most);
        switch (size)
        {
            case 1:
                for (int i = 0; i < count; i += G.Lanes)
                {
                    G.StoreBytes(y + i, G.ToInt(G.Min(G.Max(G.Load(x + i), low), high)));
                }

                break;
            case 2:
                for (int i = 0; i < count; i += G.Lanes)
                {
                    G.StoreWords((ushort*)y + i, G.ToInt(G.Min(G.Max(G.Load(x + i), low), high)));
                }

                break;
            default:
                for (int i = 0; i < count; i += G.Lanes)
                {
                    G.Store((float*)y + i, G.ToInt(G.Load(x + i)));
                }

                break;
        }
    }
}

/// <summary>Which block casts.</summary>
internal static class CastBlocks<F>
    where F : unmanaged, IFloats<F>
{
    /// <summary>From f32; null where there is none.</summary>
    internal static BlockOp? FromSingle(DType to) => to switch
    {
        DType.F32 => new UnaryBlock<F, SameMap>(default),
        DType.F16 or DType.BF16 => new RoundBlock(to),
        DType.F64 => new CastBlock<float, double, Widened>(),
        DType.Bool => new CastBlock<float, byte, Truth<float>>(),
        DType.U8 => new TruncateBlock<F>(1, byte.MinValue, byte.MaxValue),
        DType.I8 => new TruncateBlock<F>(1, sbyte.MinValue, sbyte.MaxValue),
        DType.U16 => new TruncateBlock<F>(2, ushort.MinValue, ushort.MaxValue),
        DType.I16 => new TruncateBlock<F>(2, short.MinValue, short.MaxValue),
        DType.I32 => new TruncateBlock<F>(4, 0, 0),
        DType.U32 => new CastBlock<float, uint, Truncated<uint>>(),
        DType.U64 => new CastBlock<float, ulong, Truncated<ulong>>(),
        DType.I64 => new CastBlock<float, long, Truncated<long>>(),
        _ => null,
    };

    /// <summary>From an integer or bool; null where there is none.</summary>
    internal static BlockOp? FromInteger(DType from, DType to) => from switch
    {
        DType.Bool or DType.U8 => to == DType.F32 ? new WidenBlock<F>(signed: false) : From<byte>(to),
        DType.I8 => to == DType.F32 ? new WidenBlock<F>(signed: true) : From<sbyte>(to),
        DType.U16 => From<ushort>(to),
        DType.I16 => From<short>(to),
        DType.U32 => From<uint>(to),
        DType.I32 => From<int>(to),
        DType.U64 => to == DType.F32 ? null : From<ulong>(to),
        DType.I64 => From<long>(to),
        _ => null,
    };

    private static BlockOp? From<T>(DType to)
        where T : unmanaged, IBinaryInteger<T> => to switch
        {
            DType.F32 => new CastBlock<T, float, Nearest<T>>(),
            DType.Bool => new CastBlock<T, byte, Truth<T>>(),
            DType.U8 or DType.I8 => new CastBlock<T, byte, Wrapped<T, byte>>(),
            DType.U16 or DType.I16 => new CastBlock<T, ushort, Wrapped<T, ushort>>(),
            DType.U32 or DType.I32 => new CastBlock<T, uint, Wrapped<T, uint>>(),
            DType.U64 or DType.I64 => new CastBlock<T, ulong, Wrapped<T, ulong>>(),
            _ => null,
        };
}
