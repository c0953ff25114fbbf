using System.Numerics;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// Elementary functions of <see cref="BigReal"/> by their series. Each gives an enclosure whose relative width
/// is near 2^-bits, unless the result is small through cancellation; the caller asks again with more bits then.
/// </summary>
internal static class BigFunctions
{
    /// <summary>e^x for |x| below 2^12 or so.</summary>
    public static BigReal Exp(BigReal x, int bits)
    {
        BigInteger k = Nearest(x.Trim(64) * BigReal.Of(1.4426950408889634));
        BigReal r = x;
        if (!k.IsZero)
        {
            r = x - (BigReal.Of(k, 0) * BigReal.Ln2(bits + 32));
        }

        int halvings = 4 + (bits / 32);
        r = r.Trim(bits).Scale(-halvings);
        BigReal term = BigReal.One;
        BigReal sum = BigReal.One;
        for (int n = 1; term.Top > -bits; n++)
        {
            term = (term * r).Trim(bits).Divide(n, bits);
            sum = (sum + term).Trim(bits);
        }

        // The terms fall by more than half each, so what is left out is less than the last one.
        sum = sum.Widen(term.Top);
        for (int i = 0; i < halvings; i++)
        {
            sum = (sum * sum).Trim(bits);
        }

        return sum.Scale((int)k);
    }

    /// <summary>The natural logarithm of a positive x, by 2 atanh((m - 1) / (m + 1)).</summary>
    public static BigReal Log(BigReal x, int bits)
    {
        int k = x.Top;
        BigReal m = x.Scale(-k);
        if ((m - BigReal.Of(0.70703125)).Middle.Sign < 0)
        {
            k--;
            m = m.Scale(1);
        }

        BigReal fraction = m - BigReal.One;
        BigReal sum = BigReal.Of(BigInteger.Zero, 0);
        if (!fraction.Middle.IsZero)
        {
            BigReal z = fraction.Divide(m + BigReal.One, bits);
            BigReal square = (z * z).Trim(bits);
            BigReal power = z;
            BigReal term = z;
            sum = z;
            for (int n = 1; term.Top > z.Top - bits; n++)
            {
                power = (power * square).Trim(bits);
                term = power.Divide((2 * n) + 1, bits);
                sum = (sum + term).Trim(bits);
            }

            sum = sum.Widen(term.Top).Scale(1);
        }

        return (sum + (BigReal.Of(k, 0) * BigReal.Ln2(bits + 16))).Trim(bits);
    }

    /// <summary>The inverse tangent of a positive x.</summary>
    public static BigReal Atan(BigReal x, int bits)
    {
        if (x.Top > 1)
        {
            return (BigReal.Pi(bits + 16).Scale(-1) - Atan(BigReal.One.Divide(x, bits), bits)).Trim(bits);
        }

        const int Halvings = 5;
        BigReal t = x.Trim(bits);
        for (int i = 0; i < Halvings; i++)
        {
            t = t.Divide(BigReal.One + (BigReal.One + (t * t)).Trim(bits).Sqrt(bits), bits);
        }

        BigReal square = (t * t).Trim(bits);
        BigReal power = t;
        BigReal term = t;
        BigReal sum = t;
        for (int n = 1; term.Top > t.Top - bits; n++)
        {
            power = -(power * square).Trim(bits);
            term = power.Divide((2 * n) + 1, bits);
            sum = (sum + term).Trim(bits);
        }

        return sum.Widen(term.Top).Scale(Halvings);
    }

    /// <summary>The sine of x + quarters * pi/2, for any finite x.</summary>
    public static BigReal Sin(BigReal x, int quarters, int bits)
    {
        int wide = bits + 64 + (x.Top > 0 ? x.Top : 0);
        BigReal quarter = BigReal.Pi(wide).Scale(-1);
        BigInteger k = Nearest(x.Divide(quarter, wide));
        BigReal r = (k.IsZero ? x : x - (BigReal.Of(k, 0) * quarter)).Trim(bits);
        int turn = (int)((k + quarters) & 3);
        BigReal square = (r * r).Trim(bits);
        bool even = (turn & 1) == 0;
        BigReal term = even ? r : BigReal.One;
        BigReal sum = term;
        int floor = term.Top - bits;
        for (int n = even ? 2 : 1; term.Top > floor; n += 2)
        {
            term = -(term * square).Trim(bits).Divide(n * (n + 1), bits);
            sum = (sum + term).Trim(bits);
        }

        sum = sum.Widen(term.Top);
        return turn >= 2 ? -sum : sum;
    }

    /// <summary>The error function of a positive x below 32: 2/sqrt(pi) e^-xx sum of x (2xx)^n / (2n+1)!!.</summary>
    public static BigReal Erf(BigReal x, int bits)
    {
        BigReal square = x * x;
        BigReal twice = square.Scale(1);
        BigReal term = x;
        BigReal sum = x;
        int n = 1;
        // Positive terms; once 2xx < n + 1/2 the rest is less than the last one.
        while (term.Top > sum.Top - bits || (twice.Scale(1) - BigReal.Of((2 * n) + 1, 0)).Middle.Sign > 0)
        {
            term = (term * twice).Trim(bits).Divide((2 * n) + 1, bits);
            sum = (sum + term).Trim(bits);
            n++;
        }

        BigReal factor = Exp(-square, bits).Scale(1).Divide(BigReal.Pi(bits + 16).Sqrt(bits), bits);
        return (sum.Widen(term.Top) * factor).Trim(bits);
    }

    private static BigInteger Nearest(BigReal x)
    {
        if (x.Exponent >= 0)
        {
            return x.Middle << x.Exponent;
        }

        BigInteger half = BigInteger.One << (-x.Exponent - 1);
        return (x.Middle + half) >> -x.Exponent;
    }
}
