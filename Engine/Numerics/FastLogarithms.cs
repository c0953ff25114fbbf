using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// log x, log2 x, log(1 + x) and the inverse hyperbolic functions in double arithmetic: x = 2^k m with m between
/// sqrt(1/2) and sqrt(2), and log m = 2 atanh(s) with s = (m - 1) / (m + 1), where m - 1 is exact.
/// </summary>
/// <remarks>
/// Polynomial: Chebyshev interpolation of (log m - 2s) / s^3, below 2^-57 of the result. No cancellation: for
/// k other than 0 the sum is at least 0.34. Every relative error is below 2^-50; the bound used is 2^-46. The inverse
/// hyperbolic functions are log(1 + a) of an a not below 0, of which an error reaches the logarithm no larger; it has
/// at most five roundings, each within 2^-53, none of them in a difference that cancels: below 2^-49.
/// </remarks>
internal static class FastLogarithms
{
    public const double Bound = 1.0 / (1L << 46);
    public const double Ln2High = 0.6931471805599453;
    public const double Ln2Low = 2.3190468138462996e-17;
    public const double Log2E = 1.4426950408889634;

    private const long OneBits = 0x3FF0000000000000;
    private const long SqrtHalfBits = 0x3FE6A09E667F3BCD;
    private const long TwoTo52Bits = 0x4330000000000000;

    /// <summary>k as a double, and m, of a positive normal x = 2^k m. Shift is k + 1023 as an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split<T>(T x, out T k, out T m, out T biased)
        where T : struct, IDoubles<T>
    {
        biased = T.AddBits(x, T.SplatBits(OneBits - SqrtHalfBits)) >>> 52;
        k = (biased | T.SplatBits(TwoTo52Bits)) - T.Splat(4503599627370496.0 + 1023.0);
        m = T.AddBits(T.SubtractBits(x, biased << 52), T.SplatBits(OneBits));
    }

    /// <summary>(log m - 2s) / s as a function of the square of s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tail<T>(T square)
        where T : struct, IDoubles<T>
    {
        T fourth = square * square;
        T even = Polynomial.Of(
            fourth, 0.666666666666667, 0.2857142862609589, 0.18182890556695602, 0.1461703754879165);
        T odd = Polynomial.Of(fourth, 0.3999999999989924, 0.2222221111514416, 0.1533167403016786);
        return square * T.Fma(odd, square, even);
    }

    /// <summary>log(1 + f) for 1 + f between sqrt(1/2) and sqrt(2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T OnePlus<T>(T f)
        where T : struct, IDoubles<T>
    {
        T s = f / (f + T.Splat(2.0));
        return T.Fma(s, Tail(s * s), s + s);
    }

    /// <summary>log(1 + x): the rounding error of 1 + x is put back before the division.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Log1p<T>(T x)
        where T : struct, IDoubles<T>
    {
        T one = T.Splat(1.0);
        T sum = one + x;
        T part = sum - one;
        T error = one - (sum - part) + (x - part);
        Split(sum, out T k, out T m, out T biased);

        // 2^-k, of which the exponent field is 2046 - biased.
        T scale = T.SubtractBits(T.SplatBits(0x7FEL << 52), biased << 52);
        T y = OnePlus(T.Fma(error, scale, m - one));
        y = T.Fma(k, T.Splat(Ln2High), T.Fma(k, T.Splat(Ln2Low), y));
        return Settle(sum, y);
    }

    /// <summary>y where x is positive and finite, else the value of a logarithm at such an x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Settle<T>(T x, T y)
        where T : struct, IDoubles<T>
    {
        T infinity = T.Splat(double.PositiveInfinity);
        T outside = T.Choose(T.Equal(x, infinity), infinity, T.Splat(Real.NaNF64));
        outside = T.Choose(T.Equal(x, T.Splat(0.0)), T.Splat(double.NegativeInfinity), outside);
        return T.Choose(T.Less(T.Splat(0.0), x) & T.Less(x, infinity), y, outside);
    }
}

/// <summary>Natural logarithm.</summary>
public readonly struct FastLog : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Log;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Log(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        FastLogarithms.Split(x, out T k, out T m, out _);
        T y = FastLogarithms.OnePlus(m - T.Splat(1.0));
        y = T.Fma(k, T.Splat(FastLogarithms.Ln2High), T.Fma(k, T.Splat(FastLogarithms.Ln2Low), y));
        Polynomial.Ends(FastLogarithms.Settle(x, y), FastLogarithms.Bound, out low, out high);
    }
}

/// <summary>Logarithm to base 2.</summary>
public readonly struct FastLog2 : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Log2;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Log2(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        FastLogarithms.Split(x, out T k, out T m, out _);
        T y = FastLogarithms.OnePlus(m - T.Splat(1.0));
        y = T.Fma(y, T.Splat(FastLogarithms.Log2E), k);
        Polynomial.Ends(FastLogarithms.Settle(x, y), FastLogarithms.Bound, out low, out high);
    }
}

/// <summary>log(1 + x).</summary>
public readonly struct FastLog1p : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Log1p;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Log1p(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T y = T.Choose(T.Equal(x, T.Splat(0.0)), x, FastLogarithms.Log1p(x));
        Polynomial.Ends(y, FastLogarithms.Bound, out low, out high);
    }
}

/// <summary>asinh x = log(1 + a) with a = |x| + xx / (1 + sqrt(1 + xx)).</summary>
public readonly struct FastAsinh : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Asinh;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Asinh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T size = T.Abs(x);
        T one = T.Splat(1.0);
        T square = size * size;
        T a = size + (square / (one + T.Sqrt(one + square)));
        T infinity = T.Splat(double.PositiveInfinity);
        T y = T.Choose(T.Equal(size, infinity), infinity, FastLogarithms.Log1p(a));
        Polynomial.Ends(Polynomial.WithSign(y, x), FastLogarithms.Bound, out low, out high);
    }
}

/// <summary>acosh x = log(1 + a) with a = t + sqrt(t (t + 2)) and t = x - 1, which is exact up to 2^53; NaN below 1.</summary>
public readonly struct FastAcosh : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Acosh;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Acosh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T one = T.Splat(1.0);
        T t = x - one;
        T y = FastLogarithms.Log1p(t + T.Sqrt(t * (t + T.Splat(2.0))));
        y = T.Choose(T.Less(x, one), T.Splat(Real.NaNF64), y);
        Polynomial.Ends(y, FastLogarithms.Bound, out low, out high);
    }
}

/// <summary>atanh x = log(1 + a) / 2 with a = 2|x| / (1 - |x|), which is infinite at 1 and below -2 beyond, so that the logarithm is NaN.</summary>
public readonly struct FastAtanh : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Atanh;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Atanh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T size = T.Abs(x);
        T y = FastLogarithms.Log1p((size + size) / (T.Splat(1.0) - size)) * T.Splat(0.5);
        Polynomial.Ends(Polynomial.WithSign(y, x), FastLogarithms.Bound, out low, out high);
    }
}
