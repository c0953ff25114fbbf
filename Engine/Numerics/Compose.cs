using System;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>Functions that are stated compositions of correctly rounded steps, in exactly this order.</summary>
public static class Compose
{
    /// <summary>|x|; −0 gives +0.</summary>
    public static float Abs(float x) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(x) & 0x7FFF_FFFF);

    /// <summary>|x|; −0 gives +0.</summary>
    public static double Abs(double x) => BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(x) & 0x7FFF_FFFF_FFFF_FFFF);

    /// <summary>e = exp(−|x|); x ≥ 0 ? 1 / (1 + e) : e / (1 + e).</summary>
    public static float Sigmoid(float x)
    {
        float e = Functions.Exp(-Abs(x));
        float d = 1f + e;
        return x >= 0 ? 1f / d : e / d;
    }

    /// <summary>e = exp(−|x|); x ≥ 0 ? 1 / (1 + e) : e / (1 + e).</summary>
    public static double Sigmoid(double x)
    {
        double e = Functions.Exp(-Abs(x));
        double d = 1d + e;
        return x >= 0 ? 1d / d : e / d;
    }

    /// <summary>(0.5·x)·(1 + tanh(√(2/π)·(x + 0.044715·x³))), each step rounded.</summary>
    public static float GeluTanh(float x)
    {
        float cube = (x * x) * x;
        float inner = BitConverter.UInt32BitsToSingle(0x3F4C422A) * (x + (0.044715f * cube));
        return (0.5f * x) * (1f + Functions.Tanh(inner));
    }

    /// <summary>(0.5·x)·(1 + tanh(√(2/π)·(x + 0.044715·x³))), each step rounded.</summary>
    public static double GeluTanh(double x)
    {
        double cube = (x * x) * x;
        double inner = BitConverter.UInt64BitsToDouble(0x3FE9884533D43651) * (x + (0.044715d * cube));
        return (0.5d * x) * (1d + Functions.Tanh(inner));
    }
}
