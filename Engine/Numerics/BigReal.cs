using System;
using System.Numerics;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// A real number known to lie in (Middle ± Radius) * 2^Exponent. Every operation returns an enclosure of the
/// exact result for every choice of the operands in theirs, so no error analysis is needed by those who use it.
/// </summary>
internal readonly record struct BigReal(BigInteger Middle, BigInteger Radius, int Exponent)
{
    // Replaced as a whole by a more precise one, so that readers on other threads never see half of it.
    private static Constant? _pi;
    private static Constant? _ln2;

    public static BigReal One => new(BigInteger.One, BigInteger.Zero, 0);

    public BigInteger Low => Middle - Radius;

    public BigInteger High => Middle + Radius;

    /// <summary>The least n with |value| &lt; 2^n, for every value enclosed.</summary>
    public int Top => (int)(BigInteger.Abs(Middle) + Radius).GetBitLength() + Exponent;

    /// <summary>A finite double, exactly.</summary>
    public static BigReal Of(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int field = (int)(bits >> 52) & 0x7FF;
        long fraction = bits & ((1L << 52) - 1);
        long significand = field == 0 ? fraction : fraction | (1L << 52);
        int exponent = field == 0 ? -1074 : field - 1075;
        if (significand != 0)
        {
            int zeros = BitOperations.TrailingZeroCount(significand);
            significand >>= zeros;
            exponent += zeros;
        }

        return Of(bits < 0 ? -significand : significand, exponent);
    }

    /// <summary>An integer times a power of two, exactly.</summary>
    public static BigReal Of(BigInteger significand, int exponent) =>
        new(significand, BigInteger.Zero, exponent);

    public static BigReal operator -(BigReal a) => a with { Middle = -a.Middle };

    public static BigReal operator +(BigReal a, BigReal b)
    {
        int exponent = a.Exponent < b.Exponent ? a.Exponent : b.Exponent;
        int shiftA = a.Exponent - exponent;
        int shiftB = b.Exponent - exponent;
        return new BigReal(
            (a.Middle << shiftA) + (b.Middle << shiftB),
            (a.Radius << shiftA) + (b.Radius << shiftB),
            exponent);
    }

    public static BigReal operator -(BigReal a, BigReal b) => a + (-b);

    public static BigReal operator *(BigReal a, BigReal b)
    {
        BigInteger radius = (BigInteger.Abs(a.Middle) * b.Radius)
            + (BigInteger.Abs(b.Middle) * a.Radius)
            + (a.Radius * b.Radius);
        return new BigReal(a.Middle * b.Middle, radius, a.Exponent + b.Exponent);
    }

    /// <summary>The same number times 2^n.</summary>
    public BigReal Scale(int n) => this with { Exponent = Exponent + n };

    /// <summary>An enclosure of the same number with at most the given count of bits.</summary>
    public BigReal Trim(int bits)
    {
        int excess = (int)BigInteger.Abs(Middle).GetBitLength() - bits;
        return excess <= 0
            ? this
            : new BigReal(Middle >> excess, (Radius >> excess) + 2, Exponent + excess);
    }

    /// <summary>A wider enclosure: by 2^exponent on either side.</summary>
    public BigReal Widen(int exponent) => this + new BigReal(BigInteger.Zero, BigInteger.One, exponent);

    /// <summary>The quotient; the divisor's enclosure must not contain 0.</summary>
    public BigReal Divide(BigReal divisor, int bits)
    {
        BigInteger magnitude = BigInteger.Abs(divisor.Middle);
        int shift = bits + (int)magnitude.GetBitLength() - (int)BigInteger.Abs(Middle).GetBitLength();
        shift = shift < 0 ? 0 : shift;
        BigInteger quotient = (Middle << shift) / divisor.Middle;
        BigInteger error = (Radius * magnitude) + (BigInteger.Abs(Middle) * divisor.Radius);
        BigInteger radius = error.IsZero
            ? BigInteger.One
            : ((error << shift) / (magnitude * (magnitude - divisor.Radius))) + 2;
        return new BigReal(quotient, radius, Exponent - divisor.Exponent - shift).Trim(bits);
    }

    /// <summary>The quotient by a small positive integer.</summary>
    public BigReal Divide(int divisor, int bits)
    {
        int shift = bits - (int)BigInteger.Abs(Middle).GetBitLength();
        shift = shift < 0 ? 0 : shift;
        return new BigReal((Middle << shift) / divisor, ((Radius << shift) / divisor) + 2, Exponent - shift);
    }

    /// <summary>The square root; the enclosure must be positive.</summary>
    public BigReal Sqrt(int bits)
    {
        int shift = (2 * bits) - (int)Middle.GetBitLength();
        shift = shift < 0 ? 0 : shift;
        shift += (Exponent - shift) & 1;
        BigInteger low = Root(Low << shift);
        BigInteger high = Root(High << shift) + 1;
        BigInteger middle = (low + high) >> 1;
        return new BigReal(middle, high - middle + 1, (Exponent - shift) / 2).Trim(bits);
    }

    /// <summary>The largest integer whose square does not exceed n.</summary>
    public static BigInteger Root(BigInteger n)
    {
        if (n.IsZero)
        {
            return n;
        }

        // Newton from above falls until it has arrived.
        BigInteger root = BigInteger.One << (((int)n.GetBitLength() + 1) / 2);
        while (true)
        {
            BigInteger next = (root + (n / root)) >> 1;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }

    /// <summary>Pi, with an error below 2^-bits. Machin: 16 atan(1/5) - 4 atan(1/239).</summary>
    public static BigReal Pi(int bits)
    {
        Constant? known = _pi;
        if (known is null || known.Bits < bits)
        {
            int scale = bits + 128;
            BigInteger value = (16 * InverseSeries(5, scale, -1)) - (4 * InverseSeries(239, scale, -1));
            known = new Constant(new BigReal(value, BigInteger.One << 20, -scale), bits);
            _pi = known;
        }

        return known.Value.Trim(bits + 8);
    }

    /// <summary>log 2, with an error below 2^-bits: 18 atanh(1/26) - 2 atanh(1/4801) + 8 atanh(1/8749).</summary>
    public static BigReal Ln2(int bits)
    {
        Constant? known = _ln2;
        if (known is null || known.Bits < bits)
        {
            int scale = bits + 128;
            BigInteger value = (18 * InverseSeries(26, scale, 1))
                - (2 * InverseSeries(4801, scale, 1))
                + (8 * InverseSeries(8749, scale, 1));
            known = new Constant(new BigReal(value, BigInteger.One << 20, -scale), bits);
            _ln2 = known;
        }

        return known.Value.Trim(bits + 8);
    }

    /// <summary>2^scale times the sum of sign^k / ((2k + 1) n^(2k + 1)); off by less than one for each term.</summary>
    private static BigInteger InverseSeries(int n, int scale, int sign)
    {
        BigInteger power = (BigInteger.One << scale) / n;
        BigInteger sum = power;
        for (int k = 1; !power.IsZero; k++)
        {
            power /= n * n;
            BigInteger term = power / ((2 * k) + 1);
            sum += sign < 0 && (k & 1) == 1 ? -term : term;
        }

        return sum;
    }

    private sealed record Constant(BigReal Value, int Bits);
}
