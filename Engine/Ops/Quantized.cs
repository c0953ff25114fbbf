using System;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>The steps that quantised ops share.</summary>
internal static class Quantized
{
    /// <summary>True for the types that QuantizeLinear and its kin make.</summary>
    internal static bool IsCode(DType type) => type is DType.U8 or DType.I8 or DType.U16 or DType.I16;

    /// <summary>clamp(rne(value), low − zero, high − zero) + zero; NaN gives low.</summary>
    internal static long Saturate(float value, long zero, DType type)
    {
        (long low, long high) = type.IntegerRange();
        if (float.IsNaN(value))
        {
            return low;
        }

        double nearest = Math.Round((double)value, MidpointRounding.ToEven);
        return (long)Math.Clamp(nearest, low - zero, high - zero) + zero;
    }

    /// <summary>fl(fl(xs·ws) / ys): what a total of codes is multiplied with.</summary>
    internal static float Multiplier(float xs, float ws, float ys) => xs * ws / ys;

    /// <summary>A total of codes as a code: the product with the multiplier, rounded and saturated.</summary>
    internal static long Requantise(long total, float multiplier, long zero, DType type)
        => Saturate(Real.ToF32((long)unchecked((int)total)) * multiplier, zero, type);
}
