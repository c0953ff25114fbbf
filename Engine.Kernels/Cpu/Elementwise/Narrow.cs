using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Between f32 and the 16-bit types: the bits of <see cref="Real"/> for canonical values, without its detours.</summary>
internal static unsafe class Narrow
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float FromHalf(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float FromBFloat(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort ToHalf(float x) => float.IsNaN(x) ? Real.NaNF16 : BitConverter.HalfToUInt16Bits((Half)x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort ToBFloat(float x)
    {
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return float.IsNaN(x) ? Real.NaNBF16 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>f16 or bf16 as f32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Widen(DType type, ushort* from, float* to, int count)
    {
        bool half = type == DType.F16;
        int i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<uint> bits = Vector512.WidenLower(Vector256.Load(from + i).ToVector512Unsafe());
            (half ? Halves(bits) : (bits << 16).AsSingle()).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = half ? FromHalf(from[i]) : FromBFloat(from[i]);
        }
    }

    /// <summary>f32 rounded to f16 or bf16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Round(DType type, float* from, ushort* to, int count)
    {
        bool half = type == DType.F16;
        int i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> x = Vector512.Load(from + i);
            Vector512<uint> bits = Vector512.ConditionalSelect(
                Vector512.Equals(x, x).AsUInt32(), half ? ToHalves(x) : ToBFloats(x), Vector512.Create((uint)(half ? Real.NaNF16 : Real.NaNBF16)));
            Vector256.Narrow(bits.GetLower(), bits.GetUpper()).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = half ? ToHalf(from[i]) : ToBFloat(from[i]);
        }
    }

    // The exponent is 112 too small until it is corrected, by 112 more where it is that of infinity and NaN. Subnormals: the fraction behind a 1,
    // less that 1.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Halves(Vector512<uint> bits)
    {
        Vector512<uint> magnitude = (bits & Vector512.Create(0x7FFFu)) << 13;
        Vector512<uint> exponent = magnitude & Vector512.Create(0x7C00u << 13);
        Vector512<uint> normal = magnitude + Vector512.Create(112u << 23);
        Vector512<uint> special = normal + Vector512.Create(112u << 23);
        Vector512<float> one = Vector512.Create(113u << 23).AsSingle();
        Vector512<uint> subnormal = ((normal + Vector512.Create(1u << 23)).AsSingle() - one).AsUInt32();
        Vector512<uint> value = Vector512.ConditionalSelect(Vector512.Equals(exponent, Vector512<uint>.Zero), subnormal, normal);
        value = Vector512.ConditionalSelect(Vector512.Equals(exponent, Vector512.Create(0x7C00u << 13)), special, value);
        return (value | ((bits & Vector512.Create(0x8000u)) << 16)).AsSingle();
    }

    // Normal results: to even at bit 13. Subnormal ones: the addition of 1/2 rounds at the last bit of an f16. From 65,536 on: infinity.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToHalves(Vector512<float> x)
    {
        Vector512<uint> sign = (x.AsUInt32() >>> 16) & Vector512.Create(0x8000u);
        Vector512<uint> magnitude = x.AsUInt32() & Vector512.Create(0x7FFF_FFFFu);
        Vector512<uint> even = (magnitude >>> 13) & Vector512<uint>.One;
        Vector512<uint> normal = (magnitude + even - Vector512.Create((112u << 23) - 0xFFF)) >>> 13;
        Vector512<uint> half = Vector512.Create(0.5f).AsUInt32();
        Vector512<uint> subnormal = (magnitude.AsSingle() + half.AsSingle()).AsUInt32() - half;
        Vector512<uint> value = Vector512.ConditionalSelect(
            Vector512.LessThan(magnitude.AsInt32(), Vector512.Create(113 << 23)).AsUInt32(), subnormal, normal);
        value = Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(magnitude.AsInt32(), Vector512.Create(143 << 23)).AsUInt32(), Vector512.Create(0x7C00u), value);
        return value | sign;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToBFloats(Vector512<float> x)
    {
        Vector512<uint> bits = x.AsUInt32();
        return (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
    }
}
