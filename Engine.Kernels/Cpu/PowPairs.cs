using System;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Pairs that are hard for x^y: the n-th of a seed is always the same.</summary>
internal static class PowPairs
{
    private static ReadOnlySpan<float> Corners =>
    [
        0f, 1f, 2f, 3f, 4f, 0.5f, 0.25f, 1.5f, 0.75f, 7f, 1e-45f, 1.1754944e-38f, 3.4028235e38f, 16777216f,
        16777215f, 8388609f, 0.99999994f, 1.0000001f, 127f, 128f, 149f, 150f, 151f, float.PositiveInfinity,
    ];

    /// <summary>Pair number n.</summary>
    public static (float X, float Y) At(ulong seed, long n)
    {
        ulong state = seed ^ ((ulong)n * 0xD1342543DE82EF95);
        switch (n & 7)
        {
            case 0:
                return (Bits(ref state), Bits(ref state));
            case 1:
                return (Corner(ref state), Corner(ref state));
            case 2:
                // A short odd number to a small power: exact results and exact midpoints.
                float odd = ((Next(ref state) & 0xFFF) << 1) + 1;
                return (Scaled(odd, ref state), (int)(Next(ref state) % 12) - 2);
            case 3:
                // Perfect powers under a root: exact results with a fractional exponent.
                float root = (Next(ref state) % 255) + 1;
                float power = root * root * (((Next(ref state) & 1) == 0) ? 1f : root * root);
                return (Scaled(power, ref state), ((int)(Next(ref state) % 16) - 8) * 0.25f);
            case 4:
                // Near 1, with an exponent large enough to matter.
                float near = 1f + (((int)(Next(ref state) & 0xFFFF) - 0x8000) * 5.9604645e-8f);
                return (near, (float)((int)(Next(ref state) & 0xFFFFFF) - 0x800000) * 32f);
            case 5:
                // Near where the result overflows, or becomes subnormal, or vanishes.
                float x = Positive(ref state);
                double edge = (Next(ref state) % 4) switch { 0 => 128.0, 1 => -126.0, 2 => -149.0, _ => -150.0 };
                double y = edge / Functions.Log2((double)x);
                int off = (int)(Next(ref state) & 7) - 4;
                return (x, Step((float)y, off));
            case 6:
                // What models use: a base near 1 and a moderate exponent.
                return (Unit(ref state) * 4f, (Unit(ref state) * 16f) - 8f);
            default:
                // Results next to 1.
                return (Positive(ref state), (Unit(ref state) - 0.5f) * 1e-6f);
        }
    }

    private static ulong Next(ref ulong state)
    {
        // SplitMix64: Steele, Lea, Flood, OOPSLA 2014.
        state += 0x9E3779B97F4A7C15;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static float Bits(ref ulong state) =>
        Real.Canonical(BitConverter.UInt32BitsToSingle((uint)Next(ref state)));

    private static float Positive(ref ulong state) =>
        BitConverter.UInt32BitsToSingle(((uint)Next(ref state) % 0x7F000000) + 0x00800000 - 0x00400000);

    private static float Unit(ref ulong state) => (Next(ref state) >> 40) * 5.9604645e-8f;

    private static float Corner(ref ulong state)
    {
        ulong random = Next(ref state);
        float value = Corners[(int)(random % (ulong)Corners.Length)];
        return ((random >> 40) & 1) == 0 ? value : -value;
    }

    private static float Scaled(float x, ref ulong state)
    {
        ulong random = Next(ref state);
        float scale = BitConverter.UInt32BitsToSingle((uint)(127 - 20 + (int)(random % 40)) << 23);
        return ((random >> 40) & 7) == 0 ? -x * scale : x * scale;
    }

    private static float Step(float x, int count) =>
        BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(x) + count);
}
