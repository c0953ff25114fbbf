using System.Numerics;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>A whole number times a power of two, without error.</summary>
internal readonly record struct Exact(BigInteger Whole, int Power)
{
    public bool IsZero => Whole.IsZero;

    /// <summary>The value of a finite double.</summary>
    public static Exact Of(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        long fraction = bits & ((1L << 52) - 1);
        int exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger whole = exponent == 0 ? fraction : fraction + (1L << 52);
        return new Exact(bits < 0 ? -whole : whole, Math.Max(exponent, 1) - 1075);
    }

    public static Exact operator *(Exact a, Exact b) => new(a.Whole * b.Whole, a.Power + b.Power);

    public static Exact operator +(Exact a, Exact b)
    {
        int power = Math.Min(a.Power, b.Power);
        return new Exact((a.Whole << (a.Power - power)) + (b.Whole << (b.Power - power)), power);
    }

    /// <summary>The bits of the nearest float of a width, ties to even, of a value that is not 0.</summary>
    public ulong Rounded(int width)
    {
        (int digits, int least, int most) = width == 32 ? (24, -149, 127) : (53, -1074, 1023);
        BigInteger magnitude = BigInteger.Abs(Whole);
        int top = (int)magnitude.GetBitLength();
        int last = Math.Max(Power + top - digits, least);
        int shift = last - Power;
        BigInteger units = shift <= 0 ? magnitude << -shift : magnitude >> shift;
        if (shift > 0)
        {
            BigInteger rest = magnitude - (units << shift);
            int order = rest.CompareTo(BigInteger.One << (shift - 1));
            units += order > 0 || (order == 0 && !units.IsEven) ? 1 : 0;
        }

        // Units of 2^last; the bits of a positive float count units from 0 on.
        BigInteger bits = units + ((BigInteger)(last - least) << (digits - 1));
        BigInteger infinity = ((BigInteger)(most - least - digits + 3)) << (digits - 1);
        bits = BigInteger.Min(bits, infinity);
        return (ulong)bits | (Whole.Sign < 0 ? 1UL << (width - 1) : 0);
    }
}
