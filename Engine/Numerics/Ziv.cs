using System;
using System.Diagnostics;
using System.Numerics;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// The definition of last resort: a correctly rounded result from integer arithmetic alone. An enclosure of the
/// exact value is computed with 128 bits, then 256, and so on, until both its ends round to the same result.
/// </summary>
/// <remarks>
/// <para>Method: A. Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit",
/// ACM TOMS 17 (1991).</para>
/// <para>The loop ends because no value it sees is a midpoint between two results: exp, log, sin, tan, sinh, tanh,
/// their inverses and their kin are transcendental at every rational argument but the exact cases, which are answered first
/// (Lindemann); 2^x and x^y are irrational unless exact, and those cases are found by integer arithmetic. For erf
/// and erfc no theorem says so: every f32 has been tried, and for f64 the loop has a limit. Where a result lies
/// extremely close to a representable one (sin x near x, erf x near 1) it is that one, and is answered first too,
/// so the precision needed stays within a few hundred bits.</para>
/// </remarks>
internal static class Ziv
{
    /// <summary>The bits of f(x), correctly rounded, starting with the given precision.</summary>
    public static ulong Evaluate(Function function, BinaryFormat format, double x, int bits = 128)
    {
        if (double.IsNaN(x))
        {
            return format.NaN;
        }

        ulong sign = double.IsNegative(x) ? format.Sign : 0;
        ulong one = format.Round(1UL, 0);
        bool infinite = double.IsInfinity(x);
        double size = double.Abs(x);

        switch (function)
        {
            case Function.Exp when size < Tiny:
            case Function.Exp2 when size < Tiny:
            case Function.Erfc when size < Tiny:
            case Function.Cos when size < SmallSquare:
            case Function.Cosh when size < SmallSquare:
                return one;
            case Function.Exp when size > 1100:
            case Function.Exp2 when size > 1100:
                return sign == 0 ? format.Infinity : 0;
            case Function.Exp2 when double.IsInteger(x):
                return format.Round(1UL, (int)x);

            case Function.Expm1 when size < Tiny:
            case Function.Log1p when size < Tiny:
            case Function.Sin when size < SmallSquare:
            case Function.Tanh when size < SmallSquare:
            case Function.Atan when size < SmallSquare:
            case Function.Tan when size < SmallSquare:
            case Function.Asin when size < SmallSquare:
            case Function.Sinh when size < SmallSquare:
            case Function.Asinh when size < SmallSquare:
            case Function.Atanh when size < SmallSquare:
            case Function.Erf when x == 0:
                return format.Round(BigReal.Of(size).Middle, BigReal.Of(size).Exponent) | sign;
            case Function.Expm1 when size > 1100:
                return sign == 0 ? format.Infinity : one | sign;
            case Function.Sinh when size > 1100:
                return sign | format.Infinity;
            case Function.Cosh when size > 1100:
                return format.Infinity;
            case Function.Expm1 when x < -45:
            case Function.Tanh when size > 25:
            case Function.Erf when size > 6.5:
                return one | sign;
            case Function.Erfc when x < -6.5:
                return format.Round(1UL, 1);
            case Function.Erfc when x > 28:
                return 0;

            case Function.Log when x == 0:
            case Function.Log2 when x == 0:
            case Function.Log1p when x == -1:
                return format.Infinity | format.Sign;
            case Function.Rsqrt when x == 0:
            case Function.Reciprocal when x == 0:
                return format.Infinity | sign;
            case Function.Sqrt when x == 0:
                return sign;
            case Function.Log when x < 0:
            case Function.Log2 when x < 0:
            case Function.Log1p when x < -1:
            case Function.Rsqrt when x < 0:
            case Function.Sqrt when x < 0:
            case Function.Sin when infinite:
            case Function.Cos when infinite:
            case Function.Tan when infinite:
            case Function.Asin when size > 1:
            case Function.Acos when size > 1:
            case Function.Acosh when x < 1:
            case Function.Atanh when size > 1:
                return format.NaN;
            case Function.Log when infinite:
            case Function.Log2 when infinite:
            case Function.Log1p when infinite:
            case Function.Sqrt when infinite:
            case Function.Acosh when infinite:
                return format.Infinity;
            case Function.Asinh when infinite:
            case Function.Atanh when size == 1:
                return format.Infinity | sign;
            case Function.Reciprocal when infinite:
            case Function.Rsqrt when infinite:
                return sign;
            case Function.Log when x == 1:
            case Function.Acos when x == 1:
            case Function.Acosh when x == 1:
                return 0;

            case Function.Sqrt:
            case Function.Rsqrt:
            case Function.Reciprocal:
                return Algebraic(function, format, x);
            case Function.Atan when infinite:
            case Function.Asin when size == 1:
                return Settle(format, sign, bits, static (_, p) => BigReal.Pi(p).Scale(-1), size);
            case Function.Log2 when BigReal.Of(size).Middle.IsOne:
                return format.Round(BigInteger.One * BigReal.Of(size).Exponent, 0);

            case Function.Exp:
                return Settle(format, 0, bits, static (v, p) => BigFunctions.Exp(BigReal.Of(v), p), x);
            case Function.Exp2:
                return Settle(
                    format,
                    0,
                    bits,
                    static (v, p) => BigFunctions.Exp(BigReal.Of(v) * BigReal.Ln2(p + 16), p),
                    x);
            case Function.Expm1:
                return Settle(
                    format,
                    0,
                    bits,
                    static (v, p) => BigFunctions.Exp(BigReal.Of(v), p + 64) - BigReal.One,
                    x);
            case Function.Log:
                return Settle(format, 0, bits, static (v, p) => BigFunctions.Log(BigReal.Of(v), p), x);
            case Function.Log2:
                return Settle(
                    format,
                    0,
                    bits,
                    static (v, p) => BigFunctions.Log(BigReal.Of(v), p).Divide(BigReal.Ln2(p + 16), p),
                    x);
            case Function.Log1p:
                return Settle(
                    format,
                    0,
                    bits,
                    static (v, p) => BigFunctions.Log(BigReal.One + BigReal.Of(v), p),
                    x);
            case Function.Sin:
                return Settle(format, 0, bits, static (v, p) => BigFunctions.Sin(BigReal.Of(v), 0, p), x);
            case Function.Cos:
                return Settle(format, 0, bits, static (v, p) => BigFunctions.Sin(BigReal.Of(v), 1, p), x);
            case Function.Atan:
                return Settle(format, sign, bits, static (v, p) => BigFunctions.Atan(BigReal.Of(v), p), size);
            case Function.Tan:
                return Settle(format, 0, bits, Tan, x);
            case Function.Asin:
                return Settle(
                    format, sign, bits, static (v, p) => BigFunctions.Atan(BigReal.Of(v).Divide(Leg(v, p), p), p), size);
            case Function.Acos:
                return Settle(format, 0, bits, Acos, x);
            case Function.Sinh:
                return Settle(format, sign, bits, static (v, p) => Hyperbolic(v, -1, p), size);
            case Function.Cosh:
                return Settle(format, 0, bits, static (v, p) => Hyperbolic(v, 1, p), size);
            case Function.Asinh:
                return Settle(format, sign, bits, static (v, p) => Area(BigReal.Of(v), BigReal.One, p), size);
            case Function.Acosh:
                return Settle(format, 0, bits, static (v, p) => Area(BigReal.Of(v), -BigReal.One, p), x);
            case Function.Atanh:
                return Settle(format, sign, bits, Atanh, size);
            case Function.Tanh:
                return Settle(format, sign, bits, Tanh, size);
            case Function.Erf:
                return Settle(format, sign, bits, static (v, p) => BigFunctions.Erf(BigReal.Of(v), p), size);
            case Function.Erfc:
                return Settle(format, 0, bits, Erfc, x);
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>The bits of x^y, correctly rounded, with the special cases of IEEE 754.</summary>
    public static ulong Pow(BinaryFormat format, double x, double y, int bits = 128)
    {
        ulong one = format.Round(1UL, 0);
        if (y == 0 || x == 1)
        {
            return one;
        }

        if (double.IsNaN(x) || double.IsNaN(y))
        {
            return format.NaN;
        }

        bool whole = double.IsInteger(y);
        ulong sign = double.IsNegative(x) && whole && IsOdd(y) ? format.Sign : 0;
        double size = double.Abs(x);
        if (double.IsInfinity(y))
        {
            return size == 1 ? one : (size > 1) == (y > 0) ? format.Infinity : 0;
        }

        if (size == 0 || double.IsInfinity(size))
        {
            return sign | ((size == 0) == (y > 0) ? 0 : format.Infinity);
        }

        if (x < 0 && !whole)
        {
            return format.NaN;
        }

        if (size == 1)
        {
            return sign | one;
        }

        // |log x| >= 2^-53 and < 2^10, so the logarithm of the result is known well enough from 64 bits.
        BigReal guess = BigFunctions.Log(BigReal.Of(size), 64) * BigReal.Of(y);
        if (guess.Top < -58)
        {
            return sign | one;
        }

        if (guess.Top > 12)
        {
            return sign | (guess.Middle.Sign > 0 ? format.Infinity : 0);
        }

        if (Exact(BigReal.Of(size), BigReal.Of(y)) is BigReal exact)
        {
            return sign | format.Round(exact.Middle, exact.Exponent);
        }

        return Settle(
            format,
            sign,
            bits,
            (v, p) => BigFunctions.Exp((BigFunctions.Log(BigReal.Of(v), p) * BigReal.Of(y)).Trim(p), p),
            size);
    }

    /// <summary>Below this, x and x/2 added to 1 or to factors of 1 are less than half a unit of f64.</summary>
    private const double Tiny = 1.0 / (1L << 57);

    /// <summary>Below this, so are xx/2 and xx/3.</summary>
    private const double SmallSquare = 1.0 / (1L << 28);

    private static bool IsOdd(double whole) =>
        double.Abs(whole) < 9007199254740992.0 && ((long)whole & 1) == 1;

    private static ulong Settle(
        BinaryFormat format,
        ulong sign,
        int bits,
        Func<double, int, BigReal> enclose,
        double x)
    {
        for (int precision = bits; precision <= 1 << 16; precision *= 2)
        {
            // 32 bits more than wanted: the chains of operations above lose about ten.
            BigReal value = enclose(x, precision + 32);
            ulong low = format.Round(value.Low, value.Exponent);
            if (low == format.Round(value.High, value.Exponent))
            {
                return sign | low;
            }
        }

        throw new UnreachableException("An exact case was not recognised.");
    }

    private static BigReal Tanh(double x, int bits)
    {
        BigReal power = BigFunctions.Exp(BigReal.Of(2 * x), bits + 32);
        return (power - BigReal.One).Divide(power + BigReal.One, bits);
    }

    // Next to a pole the cosine is small, but not 0: no f64 is a multiple of pi/2, or within 2^-70 of one.
    private static BigReal Tan(double x, int bits) =>
        BigFunctions.Sin(BigReal.Of(x), 0, bits).Divide(BigFunctions.Sin(BigReal.Of(x), 1, bits), bits);

    /// <summary>sqrt((1 - x)(1 + x)), for |x| below 1.</summary>
    private static BigReal Leg(double x, int bits) =>
        ((BigReal.One - BigReal.Of(x)) * (BigReal.One + BigReal.Of(x))).Sqrt(bits);

    /// <summary>pi/2 at 0; else the angle of tangent sqrt(1 - xx) / |x|, or pi less that.</summary>
    private static BigReal Acos(double x, int bits)
    {
        BigReal pi = BigReal.Pi(bits + 16);
        double size = double.Abs(x);
        if (size == 0)
        {
            return pi.Scale(-1);
        }

        if (size == 1)
        {
            return pi;
        }

        BigReal angle = BigFunctions.Atan(Leg(x, bits).Divide(BigReal.Of(size), bits), bits);
        return x < 0 ? pi - angle : angle;
    }

    /// <summary>(e^x + sign e^-x) / 2; 64 bits more, since the difference is as small as x.</summary>
    private static BigReal Hyperbolic(double x, int sign, int bits)
    {
        BigReal power = BigFunctions.Exp(BigReal.Of(x), bits + 64);
        BigReal inverse = BigReal.One.Divide(power, bits + 64);
        return (sign < 0 ? power - inverse : power + inverse).Scale(-1);
    }

    /// <summary>log(x + sqrt(xx + shift)); 64 bits more, since the logarithm is as small as 2^-28.</summary>
    private static BigReal Area(BigReal x, BigReal shift, int bits) =>
        BigFunctions.Log((x + ((x * x) + shift).Sqrt(bits + 64)).Trim(bits + 64), bits + 64);

    private static BigReal Atanh(double x, int bits) =>
        BigFunctions.Log((BigReal.One + BigReal.Of(x)).Divide(BigReal.One - BigReal.Of(x), bits + 64), bits + 64).Scale(-1);

    private static BigReal Erfc(double x, int bits)
    {
        BigReal size = BigReal.Of(double.Abs(x));
        if (x < 0)
        {
            return BigReal.One + BigFunctions.Erf(size, bits);
        }

        // erfc x is about e^-xx; that many more bits are lost in 1 - erf x.
        return BigReal.One - BigFunctions.Erf(size, bits + 16 + (int)(x * x * 1.4427));
    }

    /// <summary>Roots and reciprocals: the root or quotient in integers, and whether there is more.</summary>
    private static ulong Algebraic(Function function, BinaryFormat format, double x)
    {
        BigReal value = BigReal.Of(x);
        BigInteger magnitude = BigInteger.Abs(value.Middle);
        if (function == Function.Reciprocal)
        {
            BigInteger quotient = BigInteger.DivRem(BigInteger.One << 128, magnitude, out BigInteger rest);
            BigInteger sticky = (quotient << 1) | (rest.IsZero ? 0 : 1);
            return (x < 0 ? format.Sign : 0) | format.Round(sticky, -129 - value.Exponent);
        }

        // An even exponent: x = magnitude * 4^half.
        magnitude <<= value.Exponent & 1;
        int half = (value.Exponent - (value.Exponent & 1)) / 2;
        if (function == Function.Sqrt)
        {
            magnitude <<= 128;
            BigInteger root = BigReal.Root(magnitude);
            BigInteger sticky = (root << 1) | (root * root == magnitude ? 0 : 1);
            return format.Round(sticky, half - 65);
        }
        else
        {
            BigInteger wide = BigInteger.One << 256;
            BigInteger root = BigReal.Root(wide / magnitude);
            BigInteger sticky = (root << 1) | (root * root * magnitude == wide ? 0 : 1);
            return format.Round(sticky, -129 - half);
        }
    }

    /// <summary>
    /// x^y where it is a significand of at most 64 bits times a power of two: x = r^(2^k) for y = n / 2^k,
    /// and r^n short. Everything else is irrational or too long to be a result or a midpoint.
    /// </summary>
    private static BigReal? Exact(BigReal x, BigReal y)
    {
        BigInteger odd = x.Middle;
        BigInteger exponent = x.Exponent;
        for (int k = y.Exponent; k < 0; k++)
        {
            BigInteger root = BigReal.Root(odd);
            if (root * root != odd || !exponent.IsEven)
            {
                return null;
            }

            odd = root;
            exponent >>= 1;
        }

        BigInteger power = y.Exponent > 0 ? y.Middle << y.Exponent : y.Middle;
        if (odd.IsOne)
        {
            return BigReal.Of(BigInteger.One, (int)(exponent * power));
        }

        return power.Sign < 0 || power * ((int)odd.GetBitLength() - 1) > 64
            ? null
            : BigReal.Of(BigInteger.Pow(odd, (int)power), (int)(exponent * power));
    }
}
