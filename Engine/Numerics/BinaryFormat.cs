using System.Numerics;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// A binary floating-point format of IEEE 754 shape, and the one rounding into it: nearest, ties to even,
/// subnormals kept, overflow to infinity.
/// </summary>
/// <param name="Precision">Bits of the significand, the hidden one included.</param>
/// <param name="MinExponent">Exponent of the least subnormal: it is 2^MinExponent.</param>
/// <param name="MaxExponent">The least power of two too large to be finite is 2^MaxExponent.</param>
internal readonly record struct BinaryFormat(int Precision, int MinExponent, int MaxExponent)
{
    /// <summary>IEEE binary16.</summary>
    public static BinaryFormat F16 => new(11, -24, 16);

    /// <summary>The upper half of binary32.</summary>
    public static BinaryFormat BF16 => new(8, -133, 128);

    /// <summary>IEEE binary32.</summary>
    public static BinaryFormat F32 => new(24, -149, 128);

    /// <summary>IEEE binary64.</summary>
    public static BinaryFormat F64 => new(53, -1074, 1024);

    /// <summary>The bits of +infinity.</summary>
    public ulong Infinity => (ulong)(MaxExponent - MinExponent - Precision + 2) << (Precision - 1);

    /// <summary>The bits of the canonical NaN: positive, quiet, no payload.</summary>
    public ulong NaN => Infinity | (1UL << (Precision - 2));

    /// <summary>The sign bit.</summary>
    public ulong Sign => Infinity + (1UL << (Precision - 1));

    /// <summary>The bits of significand * 2^exponent, rounded once.</summary>
    public ulong Round(ulong significand, int exponent)
    {
        if (significand == 0)
        {
            return 0;
        }

        int top = 64 - BitOperations.LeadingZeroCount(significand) + exponent;
        int quantum = top - Precision < MinExponent ? MinExponent : top - Precision;
        int shift = quantum - exponent;
        ulong kept;
        if (shift <= 0)
        {
            kept = significand << -shift;
        }
        else if (shift > 64)
        {
            kept = 0;
        }
        else
        {
            ulong half = 1UL << (shift - 1);
            ulong rest = significand & (half | (half - 1));
            kept = shift == 64 ? 0 : significand >> shift;
            kept += rest > half || (rest == half && (kept & 1) == 1) ? 1UL : 0UL;
        }

        ulong hidden = 1UL << (Precision - 1);
        if (kept == hidden << 1)
        {
            kept = hidden;
            quantum++;
        }

        if (kept < hidden)
        {
            return kept;
        }

        return quantum + Precision > MaxExponent
            ? Infinity
            : ((ulong)(quantum - MinExponent) << (Precision - 1)) + kept;
    }

    /// <summary>The bits of significand * 2^exponent, rounded once; the significand may be negative.</summary>
    public ulong Round(BigInteger significand, int exponent)
    {
        ulong sign = significand.Sign < 0 ? Sign : 0;
        BigInteger magnitude = BigInteger.Abs(significand);
        int excess = (int)magnitude.GetBitLength() - 64;
        if (excess > 0)
        {
            // 64 bits, the last of which also says "and something more", are enough to round to 53.
            BigInteger head = magnitude >> excess;
            ulong sticky = head << excess == magnitude ? 0UL : 1UL;
            return sign | Round((ulong)head | sticky, exponent + excess);
        }

        return sign | Round((ulong)magnitude, exponent);
    }
}
