using System;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// The values of the real element types: one NaN for each type, Max and Min in which it wins, and conversions
/// that round once, directly, to nearest with ties to even. f16 and bf16 are carried as their 16 bits.
/// </summary>
/// <remarks>Source: docs/numerics.md, "Values". Every float is also a double, so one overload serves both.</remarks>
public static class Real
{
    /// <summary>The bits of the one f32 NaN.</summary>
    public const uint NaNF32Bits = 0x7FC00000;

    /// <summary>The bits of the one f64 NaN.</summary>
    public const ulong NaNF64Bits = 0x7FF8000000000000;

    /// <summary>The bits of the one f16 NaN.</summary>
    public const ushort NaNF16 = 0x7E00;

    /// <summary>The bits of the one bf16 NaN.</summary>
    public const ushort NaNBF16 = 0x7FC0;

    /// <summary>The one f32 NaN.</summary>
    public static float NaNF32 => BitConverter.UInt32BitsToSingle(NaNF32Bits);

    /// <summary>The one f64 NaN.</summary>
    public static double NaNF64 => BitConverter.UInt64BitsToDouble(NaNF64Bits);

    /// <summary>x, with any NaN replaced by the one NaN.</summary>
    public static float Canonical(float x) => float.IsNaN(x) ? NaNF32 : x;

    /// <summary>x, with any NaN replaced by the one NaN.</summary>
    public static double Canonical(double x) => double.IsNaN(x) ? NaNF64 : x;

    /// <summary>f16 bits, with any NaN replaced by the one NaN.</summary>
    public static ushort CanonicalF16(ushort bits) => (bits & 0x7FFF) > 0x7C00 ? NaNF16 : bits;

    /// <summary>bf16 bits, with any NaN replaced by the one NaN.</summary>
    public static ushort CanonicalBF16(ushort bits) => (bits & 0x7FFF) > 0x7F80 ? NaNBF16 : bits;

    /// <summary>The larger; NaN wins; +0 is above -0.</summary>
    public static float Max(float a, float b)
    {
        if (float.IsNaN(a) || float.IsNaN(b))
        {
            return NaNF32;
        }

        return a > b || (a == b && !float.IsNegative(a)) ? a : b;
    }

    /// <summary>The larger; NaN wins; +0 is above -0.</summary>
    public static double Max(double a, double b)
    {
        if (double.IsNaN(a) || double.IsNaN(b))
        {
            return NaNF64;
        }

        return a > b || (a == b && !double.IsNegative(a)) ? a : b;
    }

    /// <summary>The smaller; NaN wins; -0 is below +0.</summary>
    public static float Min(float a, float b)
    {
        if (float.IsNaN(a) || float.IsNaN(b))
        {
            return NaNF32;
        }

        return a < b || (a == b && float.IsNegative(a)) ? a : b;
    }

    /// <summary>The smaller; NaN wins; -0 is below +0.</summary>
    public static double Min(double a, double b)
    {
        if (double.IsNaN(a) || double.IsNaN(b))
        {
            return NaNF64;
        }

        return a < b || (a == b && double.IsNegative(a)) ? a : b;
    }

    /// <summary>The f32 equal to an f16; exact.</summary>
    public static float FromF16(ushort bits) => (float)Widen(BinaryFormat.F16, bits);

    /// <summary>The f32 equal to a bf16; exact.</summary>
    public static float FromBF16(ushort bits) =>
        BitConverter.UInt32BitsToSingle((uint)CanonicalBF16(bits) << 16);

    /// <summary>The f16 nearest to x, as bits.</summary>
    public static ushort ToF16(double x) => (ushort)Narrow(BinaryFormat.F16, x);

    /// <summary>The f16 nearest to an integer, as bits.</summary>
    public static ushort ToF16(long x) => (ushort)Narrow(BinaryFormat.F16, x);

    /// <summary>The f16 nearest to an integer, as bits.</summary>
    public static ushort ToF16(ulong x) => (ushort)BinaryFormat.F16.Round(x, 0);

    /// <summary>The bf16 nearest to x, as bits.</summary>
    public static ushort ToBF16(double x) => (ushort)Narrow(BinaryFormat.BF16, x);

    /// <summary>The bf16 nearest to an integer, as bits.</summary>
    public static ushort ToBF16(long x) => (ushort)Narrow(BinaryFormat.BF16, x);

    /// <summary>The bf16 nearest to an integer, as bits.</summary>
    public static ushort ToBF16(ulong x) => (ushort)BinaryFormat.BF16.Round(x, 0);

    /// <summary>The f32 nearest to x.</summary>
    public static float ToF32(double x) => double.IsNaN(x) ? NaNF32 : (float)x;

    /// <summary>The f32 nearest to an integer.</summary>
    public static float ToF32(long x) => BitConverter.UInt32BitsToSingle((uint)Narrow(BinaryFormat.F32, x));

    /// <summary>The f32 nearest to an integer.</summary>
    public static float ToF32(ulong x) =>
        BitConverter.UInt32BitsToSingle((uint)BinaryFormat.F32.Round(x, 0));

    /// <summary>The f64 nearest to an integer.</summary>
    public static double ToF64(long x) => BitConverter.UInt64BitsToDouble(Narrow(BinaryFormat.F64, x));

    /// <summary>The f64 nearest to an integer.</summary>
    public static double ToF64(ulong x) => BitConverter.UInt64BitsToDouble(BinaryFormat.F64.Round(x, 0));

    /// <summary>x truncated, saturated at the bounds of i8; NaN gives 0.</summary>
    public static sbyte ToI8(double x) => (sbyte)Truncate(x, sbyte.MinValue, sbyte.MaxValue);

    /// <summary>x truncated, saturated at the bounds of u8; NaN gives 0.</summary>
    public static byte ToU8(double x) => (byte)Truncate(x, byte.MinValue, byte.MaxValue);

    /// <summary>x truncated, saturated at the bounds of i16; NaN gives 0.</summary>
    public static short ToI16(double x) => (short)Truncate(x, short.MinValue, short.MaxValue);

    /// <summary>x truncated, saturated at the bounds of u16; NaN gives 0.</summary>
    public static ushort ToU16(double x) => (ushort)Truncate(x, ushort.MinValue, ushort.MaxValue);

    /// <summary>x truncated, saturated at the bounds of i32; NaN gives 0.</summary>
    public static int ToI32(double x) => (int)Truncate(x, int.MinValue, int.MaxValue);

    /// <summary>x truncated, saturated at the bounds of u32; NaN gives 0.</summary>
    public static uint ToU32(double x) => (uint)Truncate(x, uint.MinValue, uint.MaxValue);

    /// <summary>x truncated, saturated at the bounds of i64; NaN gives 0.</summary>
    public static long ToI64(double x) => Truncate(x, long.MinValue, long.MaxValue);

    /// <summary>x truncated, saturated at the bounds of u64; NaN gives 0.</summary>
    public static ulong ToU64(double x)
    {
        const double TwoTo63 = 9223372036854775808.0;
        if (!(x > 0))
        {
            return 0;
        }

        if (x < TwoTo63)
        {
            return (ulong)(long)x;
        }

        return x < 2 * TwoTo63 ? (ulong)(long)(x - TwoTo63) + (1UL << 63) : ulong.MaxValue;
    }

    private static long Truncate(double x, long least, long greatest)
    {
        // The bounds as doubles may round outwards to a power of two; such an x saturates either way.
        if (double.IsNaN(x))
        {
            return 0;
        }

        if (x >= greatest)
        {
            return greatest;
        }

        return x <= least ? least : (long)x;
    }

    private static ulong Narrow(BinaryFormat format, long x)
    {
        ulong magnitude = x < 0 ? unchecked(0UL - (ulong)x) : (ulong)x;
        return (x < 0 ? format.Sign : 0) | format.Round(magnitude, 0);
    }

    private static ulong Narrow(BinaryFormat format, double x)
    {
        if (double.IsNaN(x))
        {
            return format.NaN;
        }

        ulong bits = BitConverter.DoubleToUInt64Bits(x);
        ulong sign = bits >> 63 == 0 ? 0 : format.Sign;
        int field = (int)(bits >> 52) & 0x7FF;
        ulong fraction = bits & ((1UL << 52) - 1);
        if (field == 0x7FF)
        {
            return sign | format.Infinity;
        }

        return sign | (field == 0
            ? format.Round(fraction, -1074)
            : format.Round(fraction | (1UL << 52), field - 1075));
    }

    private static double Widen(BinaryFormat format, ulong bits)
    {
        ulong magnitude = bits & (format.Sign - 1);
        if (magnitude > format.Infinity)
        {
            return NaNF64;
        }

        double value;
        if (magnitude == format.Infinity)
        {
            value = double.PositiveInfinity;
        }
        else
        {
            ulong hidden = 1UL << (format.Precision - 1);
            int field = (int)(magnitude >> (format.Precision - 1));
            ulong fraction = magnitude & (hidden - 1);
            int exponent = format.MinExponent + (field == 0 ? 0 : field - 1);
            ulong significand = field == 0 ? fraction : fraction | hidden;
            value = BitConverter.UInt64BitsToDouble(BinaryFormat.F64.Round(significand, exponent));
        }

        return (bits & format.Sign) == 0 ? value : -value;
    }
}
