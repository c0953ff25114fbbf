using System.Numerics;

using NUnit.Framework;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>Conversions against exact models that know nothing of bits; NaN and zeros in Max and Min.</summary>
internal sealed class RealTests
{
    private static readonly Half[] Halves =
        [.. Enumerable.Range(0, 0x7C00).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits))];

    [Test]
    public void Narrow_formats_take_the_nearest_value()
    {
        double[] f16 = [.. Halves.Select(half => (double)half), 65536.0];
        IEnumerable<int> patterns = Enumerable.Range(0, 0x7F80);
        double[] bf16 = [.. patterns.Select(bits => (double)Vectors.Float((uint)bits << 16)), Math.ScaleB(1, 128)];
        foreach (double x in Doubles())
        {
            Assert.That(Real.ToF16(x), Is.EqualTo(Nearest(f16, x, 0x8000)), $"f16 of {x:R}");
            Assert.That(Real.ToBF16(x), Is.EqualTo(Nearest(bf16, x, 0x8000)), $"bf16 of {x:R}");
        }
    }

    [Test]
    public void Values_between_neighbours_of_f16_round_as_the_runtime_does()
    {
        for (int bits = 0; bits < 0x7C00; bits++)
        {
            float low = (float)BitConverter.UInt16BitsToHalf((ushort)bits);
            float high = bits == 0x7BFF ? 65536f : (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1));
            float middle = (low / 2) + (high / 2);
            foreach (float x in new[] { low, float.BitDecrement(middle), middle, float.BitIncrement(middle) })
            {
                Assert.That(Real.ToF16(x), Is.EqualTo(BitConverter.HalfToUInt16Bits((Half)x)));
                Assert.That(Real.ToF16(-x), Is.EqualTo(BitConverter.HalfToUInt16Bits((Half)(-x))));
            }
        }
    }

    [Test]
    public void A_double_reaches_a_narrow_format_in_one_rounding()
    {
        // Through f32 the tie would be made first, and then broken the wrong way.
        Assert.That(Real.ToBF16(1 + (1.0 / 256) + (1.0 / (1L << 40))), Is.EqualTo(0x3F81));
        Assert.That(Real.ToF16(1 + (1.0 / 2048) + (1.0 / (1L << 40))), Is.EqualTo(0x3C01));
        Assert.That(Real.ToBF16((1L << 40) + (1L << 32) + 1), Is.EqualTo(0x5381));
        Assert.That(Real.ToBF16((1UL << 63) + (1UL << 55) + 1), Is.EqualTo(0x5F01));
    }

    [Test]
    public void Every_narrow_value_goes_out_and_back()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            ushort narrow = (ushort)bits;
            Assert.That(Real.ToF16(Real.FromF16(narrow)), Is.EqualTo(Real.CanonicalF16(narrow)));
            Assert.That(Real.ToBF16(Real.FromBF16(narrow)), Is.EqualTo(Real.CanonicalBF16(narrow)));
            float widened = (float)BitConverter.UInt16BitsToHalf(narrow);
            Assert.That(Vectors.Bits(Real.FromF16(narrow)), Is.EqualTo(Vectors.Canonical(Vectors.Bits(widened))));
        }
    }

    [Test]
    public void Integers_take_the_nearest_value()
    {
        double[] f16 = [.. Halves.Select(half => (double)half), 65536.0];
        for (int n = 0; n < 20_000; n++)
        {
            long x = unchecked((long)Vectors.Random(3, n)) >> (int)(Vectors.Random(4, n) & 63);
            ulong u = Vectors.Random(5, n) >> (int)(Vectors.Random(6, n) & 63);
            if ((n & 1) == 0)
            {
                // Next to a tie of f32 and of f64.
                int width = (int)(Vectors.Random(7, n) % 38);
                long kept = (long)(Vectors.Random(8, n) & 0xFFFFFF) | 0x800000;
                x = (kept << (width + 1)) + (1L << width) + (n % 3) - 1;
                u = (((Vectors.Random(9, n) & 0x1FFFFFFFFFFFFF) | (1UL << 52)) << 2) + 2 + (ulong)(n % 3) - 1;
            }

            Assert.That(IsNearest(Real.ToF32(x), x), $"f32 of {x}");
            Assert.That(IsNearest(Real.ToF32(u), u), $"f32 of {u}");
            Assert.That(IsNearest(Real.ToF64(x), x), $"f64 of {x}");
            Assert.That(IsNearest(Real.ToF64(u), u), $"f64 of {u}");
            Assert.That(Real.ToF32(x), Is.EqualTo((float)x));
            Assert.That(Real.ToF64(x), Is.EqualTo((double)x));
            if (Math.Abs((double)x) < 4e15)
            {
                Assert.That(Real.ToF16(x), Is.EqualTo(Nearest(f16, x, 0x8000)), $"f16 of {x}");
                Assert.That(Real.ToF16(x), Is.EqualTo(Real.ToF16((double)x)));
                Assert.That(Real.ToBF16(x), Is.EqualTo(Real.ToBF16((double)x)));
            }
        }

        Assert.That(Real.ToF16(long.MinValue), Is.EqualTo(0xFC00));
        Assert.That(Real.ToF32(long.MinValue), Is.EqualTo(-9223372036854775808f));
        Assert.That(Real.ToF32(ulong.MaxValue), Is.EqualTo(18446744073709551616f));
    }

    [Test]
    public void Integers_are_cut_and_saturated()
    {
        foreach (double x in Doubles())
        {
            BigInteger cut = double.IsNaN(x) ? 0
                : double.IsInfinity(x) ? (x > 0 ? 1 : -1) * BigInteger.Pow(2, 80)
                : new BigInteger(x);
            Assert.That((BigInteger)Real.ToI8(x), Is.EqualTo(Bound(cut, sbyte.MinValue, sbyte.MaxValue)), $"{x:R}");
            Assert.That((BigInteger)Real.ToU8(x), Is.EqualTo(Bound(cut, byte.MinValue, byte.MaxValue)), $"{x:R}");
            Assert.That((BigInteger)Real.ToI16(x), Is.EqualTo(Bound(cut, short.MinValue, short.MaxValue)), $"{x:R}");
            Assert.That((BigInteger)Real.ToU16(x), Is.EqualTo(Bound(cut, ushort.MinValue, ushort.MaxValue)), $"{x:R}");
            Assert.That((BigInteger)Real.ToI32(x), Is.EqualTo(Bound(cut, int.MinValue, int.MaxValue)), $"{x:R}");
            Assert.That((BigInteger)Real.ToU32(x), Is.EqualTo(Bound(cut, uint.MinValue, uint.MaxValue)), $"{x:R}");
            Assert.That((BigInteger)Real.ToI64(x), Is.EqualTo(Bound(cut, long.MinValue, long.MaxValue)), $"{x:R}");
            Assert.That((BigInteger)Real.ToU64(x), Is.EqualTo(Bound(cut, ulong.MinValue, ulong.MaxValue)), $"{x:R}");
        }
    }

    [Test]
    public void There_is_one_nan_and_it_wins()
    {
        float nan = Vectors.Float(0xFFC00001);
        double wide = BitConverter.UInt64BitsToDouble(0xFFF8000000000001);
        Assert.That(Vectors.Bits(Real.NaNF32), Is.EqualTo(0x7FC00000));
        Assert.That(BitConverter.DoubleToUInt64Bits(Real.NaNF64), Is.EqualTo(0x7FF8000000000000));
        float[] singles =
            [Real.Max(nan, 1f), Real.Max(1f, nan), Real.Min(nan, 1f), Real.Min(1f, nan), Real.Canonical(nan)];
        Assert.That(singles.Select(Vectors.Bits), Is.All.EqualTo(Real.NaNF32Bits));
        double[] doubles =
            [Real.Max(wide, 1), Real.Max(1, wide), Real.Min(wide, 1), Real.Min(1, wide), Real.Canonical(wide)];
        Assert.That(doubles.Select(BitConverter.DoubleToUInt64Bits), Is.All.EqualTo(Real.NaNF64Bits));
        Assert.That(Vectors.Bits(Real.ToF32(wide)), Is.EqualTo(Real.NaNF32Bits));
        Assert.That(Real.ToF16(nan), Is.EqualTo(Real.NaNF16));
        Assert.That(Real.ToBF16(nan), Is.EqualTo(Real.NaNBF16));
    }

    [Test]
    public void Positive_zero_is_above_negative_zero()
    {
        Assert.That(float.IsNegative(Real.Max(-0f, 0f)) || float.IsNegative(Real.Max(0f, -0f)), Is.False);
        Assert.That(float.IsNegative(Real.Min(-0f, 0f)) && float.IsNegative(Real.Min(0f, -0f)), Is.True);
        Assert.That(double.IsNegative(Real.Max(-0.0, 0.0)) || double.IsNegative(Real.Max(0.0, -0.0)), Is.False);
        Assert.That(double.IsNegative(Real.Min(-0.0, 0.0)) && double.IsNegative(Real.Min(0.0, -0.0)), Is.True);
        Assert.That(float.IsNegative(Real.Max(-0f, -0f)), Is.True);
        Assert.That((Real.Max(1f, 2f), Real.Min(1f, 2f)), Is.EqualTo((2f, 1f)));
        Assert.That((Real.Max(2.0, -3.0), Real.Min(2.0, -3.0)), Is.EqualTo((2.0, -3.0)));
    }

    /// <summary>Doubles of every size, ties and near-ties of the narrow formats, bounds of the integers.</summary>
    private static IEnumerable<double> Doubles()
    {
        for (int n = 0; n < 3000; n++)
        {
            yield return Real.Canonical(Vectors.AnyDouble(11, n));
            double x = Vectors.AnyFloat(12, n);
            yield return Real.Canonical(x);
            ulong top = BitConverter.DoubleToUInt64Bits(x) & 0xFFFFFE0000000000;
            yield return Real.Canonical(BitConverter.UInt64BitsToDouble(top));
            yield return Real.Canonical(BitConverter.UInt64BitsToDouble(top + 1));
            double half = ((long)(Vectors.Random(13, n) >> 44) - (1 << 19)) * 0.25;
            yield return half;
        }

        foreach (int power in new[] { 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, -24, -25, -133, -134, -14, -126, 1023 })
        {
            double edge = Math.ScaleB(1, power);
            double[] around =
                [edge, edge - 1, edge - 0.5, edge + 0.5, Math.BitDecrement(edge), Math.BitIncrement(edge)];
            foreach (double x in around)
            {
                yield return x;
                yield return -x;
            }
        }

        yield return double.PositiveInfinity;
        yield return double.NegativeInfinity;
        yield return Real.NaNF64;
    }

    private static BigInteger Bound(BigInteger value, BigInteger least, BigInteger greatest) =>
        BigInteger.Min(BigInteger.Max(value, least), greatest);

    /// <summary>The index of the value nearest to |x|, ties to the even one, with the sign of x.</summary>
    private static int Nearest(double[] values, double x, int sign)
    {
        if (double.IsNaN(x))
        {
            return values.Length == Halves.Length + 1 ? Real.NaNF16 : Real.NaNBF16;
        }

        sign = double.IsNegative(x) ? sign : 0;
        double size = Math.Abs(x);
        int at = Array.BinarySearch(values, size);
        if (at >= 0)
        {
            return sign | at;
        }

        int above = ~at;
        if (above == values.Length)
        {
            return sign | (values.Length - 1);
        }

        BigInteger toLow = Scaled(size) - Scaled(values[above - 1]);
        BigInteger toHigh = Scaled(values[above]) - Scaled(size);
        int nearest = toLow < toHigh || (toLow == toHigh && above % 2 == 1) ? above - 1 : above;
        return sign | nearest;
    }

    private static BigInteger Scaled(double x)
    {
        BigReal exact = BigReal.Of(x);
        return exact.Middle << (exact.Exponent + 1100);
    }

    private static bool IsNearest(float result, BigInteger x) => IsNearest(
        new BigInteger(float.BitDecrement(result)),
        new BigInteger(result),
        new BigInteger(float.BitIncrement(result)),
        (Vectors.Bits(result) & 1) == 0,
        x);

    private static bool IsNearest(double result, BigInteger x) => IsNearest(
        new BigInteger(double.BitDecrement(result)),
        new BigInteger(result),
        new BigInteger(double.BitIncrement(result)),
        (BitConverter.DoubleToUInt64Bits(result) & 1) == 0,
        x);

    private static bool IsNearest(BigInteger below, BigInteger result, BigInteger above, bool even, BigInteger x)
    {
        BigInteger error = BigInteger.Abs(result - x);
        BigInteger other = BigInteger.Min(BigInteger.Abs(below - x), BigInteger.Abs(above - x));
        return error.IsZero || error < other || (error == other && even);
    }
}
