using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// x^y = 2^(y log2 |x|), with log2 |x| and its product with y as sums of two doubles, and the sign and the
/// special cases of IEEE 754 put on at the end.
/// </summary>
/// <remarks>
/// log2 |x| = k + (2s + s^3 p(ss)) / log 2, where s = (m - 1) / (m + 1) is taken with its remainder; relative
/// error below 2^-57, so below 2^-49 of a result in range. With the polynomial of 2^r: below 2^-48; the bound
/// used is 2^-46. Exact results and exact midpoints are left to <see cref="Ziv"/> by the rounding test.
/// </remarks>
public static class FastPower
{
    private const double Bound = 1.0 / (1L << 46);
    private const double TwicePerLn2High = 2.8853900817779268;
    private const double TwicePerLn2Low = 4.0710547481862066e-17;

    /// <summary>Larger than every f32; stands for infinity where infinity times 0 would not do.</summary>
    private const double Huge = 1e60;

    /// <summary>Two numbers between which x^y lies, for every x and y that are f32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, T y, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T zero = T.Splat(0.0);
        T one = T.Splat(1.0);
        T size = T.Abs(x);
        FastLogarithms.Split(size, out T k, out T m, out _);
        T over = m - one;
        T under = m + one;
        T inverse = one / under;
        T s = over * inverse;
        T sLow = T.Fma(s, zero - under, over) * inverse;
        T p = s * T.Splat(TwicePerLn2High);
        T pLow = T.Fma(s, T.Splat(TwicePerLn2High), zero - p)
            + T.Fma(sLow, T.Splat(TwicePerLn2High), s * T.Splat(TwicePerLn2Low));
        T tail = s * FastLogarithms.Tail(s * s);
        T head = k + p;
        T rest = k - head + p + T.Fma(tail, T.Splat(FastLogarithms.Log2E), pLow);

        // The tail is up to a hundredth of the head; the second sum must be small even when multiplied by y.
        T log = head + rest;
        T logLow = head - log + rest;

        T infinity = T.Splat(double.PositiveInfinity);
        T none = T.Equal(size, zero);
        T edge = none | T.Equal(size, infinity);
        log = T.Choose(edge, T.Choose(none, T.Splat(-Huge), T.Splat(Huge)), log);
        logLow = T.Choose(edge, zero, logLow);

        T finite = Polynomial.Clamp(y, -Huge, Huge);
        T product = finite * log;
        T productLow = T.Fma(finite, logLow, T.Fma(finite, log, zero - product));
        T clamped = Polynomial.Clamp(product, -200.0, 200.0);
        productLow = T.Equal(clamped, product) & productLow;
        T shifted = clamped + T.Splat(Polynomial.Magic);
        T r = clamped - (shifted - T.Splat(Polynomial.Magic)) + productLow;
        T power = FastExponentials.Exp2(shifted, r);

        // Beyond 2^40 every f32 is an even integer, and so is 2^40.
        T count = Polynomial.Clamp(y, -1099511627776.0, 1099511627776.0);
        T parity = count + T.Splat(Polynomial.Magic);
        T whole = T.Equal(parity - T.Splat(Polynomial.Magic), count);
        power ^= (parity << 63) & whole & x;
        T negative = T.Less(x, zero) & T.Less(T.Splat(double.NegativeInfinity), x);
        T invalid = T.Choose(whole, zero, negative);
        T known = T.Choose(invalid, zero, T.Equal(x, x) & T.Equal(y, y));
        power = T.Choose(known, power, T.Splat(Real.NaNF64));
        power = T.Choose(T.Equal(x, one) | T.Equal(y, zero), one, power);
        Polynomial.Ends(power, Bound, out low, out high);
    }
}
