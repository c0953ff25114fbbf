using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Between f32 and the 16-bit types: the bits of <see cref="Real"/> for canonical values, without its detours.</summary>
internal static class Narrow
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
}
