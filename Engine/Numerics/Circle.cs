using System;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Numerics;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// Cosines and sines of exact fractions of a turn, and the windows that are sums of such cosines: the exact value rounded once, to nearest
/// with ties to even. Tables, made when a graph is; no value of a run is an argument of these.
/// </summary>
/// <remarks>Sines and cosines of rational turns are irrational, or 0, ±1/2 or ±1 (Niven), so that only an exact 0 has to be known
/// beforehand; every other value is decided by an enclosure that is narrow enough.</remarks>
public static class Circle
{
    /// <summary>cos and sin of j/n turns for j = 0 … n − 1, as f32.</summary>
    /// <param name="n">Parts of the turn, at least 1.</param>
    public static ImmutableArray<(float Cosine, float Sine)> Singles(int n)
        => [.. Points(n, BinaryFormat.F32, bits => BitConverter.UInt32BitsToSingle((uint)bits))];

    /// <summary>cos and sin of j/n turns for j = 0 … n − 1, as f64.</summary>
    /// <param name="n">Parts of the turn, at least 1.</param>
    public static ImmutableArray<(double Cosine, double Sine)> Doubles(int n)
        => [.. Points(n, BinaryFormat.F64, BitConverter.UInt64BitsToDouble)];

    /// <summary>(a0 − a1·cos(t) + a2·cos(2t)) / scale with t = j/n turns, as the f64 nearest to it, or the f32 nearest to it, widened.</summary>
    /// <param name="coefficients">a0, a1 and a2; whole numbers.</param>
    /// <param name="scale">What they are divided by; positive.</param>
    /// <param name="j">The numerator, 0 … n.</param>
    /// <param name="n">The denominator, at least 1.</param>
    /// <param name="isDouble">Whether the result is rounded to f64, not f32.</param>
    public static double Cosines((int A0, int A1, int A2) coefficients, int scale, int j, int n, bool isDouble)
    {
        BinaryFormat format = isDouble ? BinaryFormat.F64 : BinaryFormat.F32;
        (int a0, int a1, int a2) = coefficients;
        BigReal Value(int precision)
        {
            BigReal sum = BigReal.Of(a0, 0);
            if (j % n == 0)
            {
                return (sum + BigReal.Of(a2 - a1, 0)).Divide(scale, precision);
            }

            sum -= BigReal.Of(a1, 0) * Sine(j, n, 1, precision);
            sum += BigReal.Of(a2, 0) * Sine(2L * j, n, 1, precision);
            return sum.Divide(scale, precision);
        }

        ulong bits = j % n == 0 && a0 - a1 + a2 == 0 ? 0 : Settle(format, Value);
        return isDouble ? BitConverter.UInt64BitsToDouble(bits) : BitConverter.UInt32BitsToSingle((uint)bits);
    }

    // Every point is the product of two of about √n: their enclosures give the product's.
    private static (T Cosine, T Sine)[] Points<T>(int n, BinaryFormat format, Func<ulong, T> value)
    {
        const int Bits = 128;
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        int step = 1;
        while ((long)step * step < n)
        {
            step++;
        }

        (BigReal Cosine, BigReal Sine)[] near = new (BigReal, BigReal)[step];
        (BigReal Cosine, BigReal Sine)[] far = new (BigReal, BigReal)[(n / step) + 1];
        for (int i = 0; i < near.Length; i++)
        {
            near[i] = (Sine(i, n, 1, Bits), Sine(i, n, 0, Bits));
        }

        for (int i = 0; i < far.Length; i++)
        {
            far[i] = (Sine((long)i * step, n, 1, Bits), Sine((long)i * step, n, 0, Bits));
        }

        (T, T)[] points = new (T, T)[n];
        for (int j = 0; j < n; j++)
        {
            (BigReal cosine, BigReal sine) = far[j / step];
            (BigReal cosineNear, BigReal sineNear) = near[j % step];
            ulong Bit(BigReal first, int quarters) => TryRound(format, first, out ulong bits)
                ? bits
                : Settle(format, precision => Sine(j, n, quarters, precision));
            bool isQuarter = 4L * j % n == 0;
            long quarter = isQuarter ? 4L * j / n : -1;
            ulong c = quarter is 1 or 3 ? 0 : Bit((cosine * cosineNear) - (sine * sineNear), 1);
            ulong s = quarter is 0 or 2 ? 0 : Bit((sine * cosineNear) + (cosine * sineNear), 0);
            points[j] = (value(c), value(s));
        }

        return points;
    }

    // The sine of j/n + quarters/4 turns.
    private static BigReal Sine(long j, int n, int quarters, int precision)
    {
        int bits = precision + 64;
        BigReal angle = (BigReal.Pi(bits + 64) * BigReal.Of(2 * j, 0)).Divide(BigReal.Of(n, 0), bits + 32);
        return j == 0
            ? BigReal.Of(quarters == 0 ? BigInteger.Zero : BigInteger.One, 0)
            : BigFunctions.Sin(angle, quarters, bits);
    }

    private static bool TryRound(BinaryFormat format, BigReal value, out ulong bits)
    {
        bits = format.Round(value.Low, value.Exponent);
        return bits == format.Round(value.High, value.Exponent);
    }

    private static ulong Settle(BinaryFormat format, Func<int, BigReal> value)
    {
        for (int precision = 128; precision <= 1 << 14; precision *= 2)
        {
            if (TryRound(format, value(precision), out ulong bits))
            {
                return bits;
            }
        }

        throw new UnreachableException("An exact case was not recognised.");
    }
}
