using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Codes as int32 lanes.</summary>
internal static class Codes
{
    /// <summary>As Ops.Quantized.Saturate: clamp(rne(value), low − zero, high − zero) + zero as int32 lanes; NaN gives low.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static F Saturate<F>(F value, F zero, float low, float high)
        where F : unmanaged, IFloats<F>
    {
        return Saturate(value, zero, F.Of(low) - F.FromInt(zero), F.Of(high) - F.FromInt(zero));
    }

    /// <summary>The same, with low − zero and high − zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static F Saturate<F>(F value, F zero, F least, F most)
        where F : unmanaged, IFloats<F>
    {
        F nearest = F.Round(value);
        nearest = F.Select(F.LessOrEqual(least, nearest), nearest, least);
        nearest = F.Select(F.LessOrEqual(nearest, most), nearest, most);
        return F.AddInt(F.ToInt(nearest), zero);
    }
}
