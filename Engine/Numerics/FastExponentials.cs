using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// e^x, 2^x, e^x - 1, sinh x, cosh x and tanh x in double arithmetic: x = k log 2 + r with |r| &lt; 0.3467, a polynomial in r,
/// and k put into the exponent. Arguments beyond the range of f32 are pulled to just beyond it, where the
/// result still rounds to 0, infinity, -1 or 1.
/// </summary>
/// <remarks>
/// Polynomials: Chebyshev interpolation, below 2^-54 of the result. With the roundings after it every relative
/// error here is below 2^-50; the bound used is 2^-46, and the tests measure both.
/// </remarks>
internal static class FastExponentials
{
    public const double Bound = 1.0 / (1L << 46);

    private const double Log2E = 1.4426950408889634;
    private const double Ln2High = 0.6931471805599453;
    private const double Ln2Low = 2.3190468138462996e-17;

    /// <summary>2^k and e^r - 1 with x = k log 2 + r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Split<T>(T x, out T power, out T less)
        where T : struct, IDoubles<T>
    {
        T shifted = T.Fma(x, T.Splat(Log2E), T.Splat(Polynomial.Magic));
        T k = shifted - T.Splat(Polynomial.Magic);
        T r = T.Fma(k, T.Splat(-Ln2Low), T.Fma(k, T.Splat(-Ln2High), x));
        power = T.AddBits(shifted << 52, T.Splat(1.0));
        T square = r * r;
        T even = Polynomial.Of(
            square,
            0.5000000000000001,
            0.04166666666662404,
            0.0013888888917258759,
            2.4801521225986432e-05,
            2.7620121717381933e-07);
        T odd = Polynomial.Of(
            square,
            0.16666666666666669,
            0.008333333333330055,
            0.00019841269863088255,
            2.7557268406190795e-06,
            2.51004110820149e-08);
        less = T.Fma(square, T.Fma(odd, r, even), r);
    }

    /// <summary>e^x - 1, with small relative error, for x in [-700, 700].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Expm1<T>(T x)
        where T : struct, IDoubles<T>
    {
        Split(x, out T power, out T less);
        return T.Fma(power, less, power - T.Splat(1.0));
    }

    /// <summary>2^(whole + r) for |r| up to 1/2, where whole + Magic is given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp2<T>(T shifted, T r)
        where T : struct, IDoubles<T>
    {
        T power = T.AddBits(shifted << 52, T.Splat(1.0));
        T square = r * r;
        T even = Polynomial.Of(
            square,
            0.6931471805599453,
            0.0555041086648216,
            0.0013333558146416936,
            1.525273382983612e-05,
            1.0178062445845774e-07,
            4.4549605981865186e-10);
        T odd = Polynomial.Of(
            square,
            0.24022650695910097,
            0.009618129107606888,
            0.0001540353044173605,
            1.321544258792169e-06,
            7.072585949269223e-09);
        return T.Fma(T.Fma(odd, r, even), r, T.Splat(1.0)) * power;
    }
}

/// <summary>e^x.</summary>
public readonly struct FastExp : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Exp;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Exp(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        FastExponentials.Split(Polynomial.Clamp(x, -110.0, 100.0), out T power, out T less);
        Polynomial.Ends(T.Fma(power, less, power), FastExponentials.Bound, out low, out high);
    }
}

/// <summary>2^x.</summary>
public readonly struct FastExp2 : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Exp2;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Exp2(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        x = Polynomial.Clamp(x, -160.0, 140.0);
        T shifted = x + T.Splat(Polynomial.Magic);
        T y = FastExponentials.Exp2(shifted, x - (shifted - T.Splat(Polynomial.Magic)));
        Polynomial.Ends(y, FastExponentials.Bound, out low, out high);
    }
}

/// <summary>e^x - 1.</summary>
public readonly struct FastExpm1 : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Expm1;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Expm1(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T y = FastExponentials.Expm1(Polynomial.Clamp(x, -60.0, 100.0));

        // The sign is that of x everywhere, and -0 must stay.
        Polynomial.Ends(Polynomial.WithSign(T.Abs(y), x), FastExponentials.Bound, out low, out high);
    }
}

/// <summary>tanh x = (e^2x - 1) / (e^2x + 1).</summary>
public readonly struct FastTanh : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Tanh;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Tanh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T size = T.Abs(x);
        size = T.Choose(T.Less(T.Splat(20.0), size), T.Splat(20.0), size);
        T less = FastExponentials.Expm1(size + size);
        T y = less / (less + T.Splat(2.0));
        Polynomial.Ends(Polynomial.WithSign(y, x), FastExponentials.Bound, out low, out high);
    }
}

/// <summary>sinh x = (m + m / (m + 1)) / 2 with m = e^|x| - 1; both terms have one sign, so their errors do not grow.</summary>
/// <remarks>An error of m reaches the quotient smaller; with three roundings: below 2^-49. Beyond 90 it is infinity.</remarks>
public readonly struct FastSinh : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Sinh;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Sinh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T less = FastExponentials.Expm1(Polynomial.Clamp(T.Abs(x), 0.0, 100.0));
        T y = (less + (less / (less + T.Splat(1.0)))) * T.Splat(0.5);
        Polynomial.Ends(Polynomial.WithSign(y, x), FastExponentials.Bound, out low, out high);
    }
}

/// <summary>cosh x = (e^|x| + 1 / e^|x|) / 2.</summary>
/// <remarks>Two positive terms, with two roundings: below 2^-49. Beyond 90 it is infinity.</remarks>
public readonly struct FastCosh : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Cosh;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Cosh(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        FastExponentials.Split(Polynomial.Clamp(T.Abs(x), 0.0, 100.0), out T power, out T less);
        T e = T.Fma(power, less, power);
        T y = (e + (T.Splat(1.0) / e)) * T.Splat(0.5);
        Polynomial.Ends(y, FastExponentials.Bound, out low, out high);
    }
}
