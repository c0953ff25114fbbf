using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// erf x = x g(xx), one polynomial from 0 to 3.93, beyond which the result rounds to 1. It is written in
/// v = 2xx / 3.93^2 - 1, where its coefficients fall and no cancellation occurs.
/// </summary>
/// <remarks>
/// Chebyshev interpolation, degree 25 in v: below 2^-50. Relative error below 2^-48; the bound used is 2^-45.
/// </remarks>
public readonly struct FastErf : IFastFunction
{
    private const double Bound = 1.0 / (1L << 45);

    /// <inheritdoc/>
    public static Function Which => Function.Erf;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Erf(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T a = T.Abs(x);
        a = T.Choose(T.Less(T.Splat(3.93), a), T.Splat(3.93), a);
        T v = T.Fma(a * a, T.Splat(0.1294925833122908), T.Splat(-1.0));
        T v2 = v * v;
        T v4 = v2 * v2;
        T p0 = Polynomial.Of(
            v4,
            0.35982021139531434,
            0.09058222068182875,
            0.03084863558949,
            0.00403919879353116,
            0.0002016737754291641,
            4.572520048988741e-06,
            8.058129704881292e-08);
        T p1 = Polynomial.Of(
            v4,
            -0.1796602969501704,
            -0.07412033264739123,
            -0.02042748297369923,
            -0.002079195369803414,
            -8.32757688728274e-05,
            -1.5534038047847748e-06,
            -2.2719844135925052e-08);
        T p2 = Polynomial.Of(
            v4,
            0.13378065493155097,
            0.05841456481192326,
            0.012681903732888435,
            0.0010094160380384107,
            3.251906541949058e-05,
            3.912607239272555e-07);
        T p3 = Polynomial.Of(
            v4,
            -0.1090009369561632,
            -0.04372955414040854,
            -0.007384794901433183,
            -0.00046333810481874287,
            -1.2211369177807374e-05,
            -1.2861244084117656e-07);
        T g = T.Fma(T.Fma(p3, v, p2), v2, T.Fma(p1, v, p0));
        Polynomial.Ends(Polynomial.WithSign(a * g, x), Bound, out low, out high);
    }
}

/// <summary>
/// erfc x = e^-xx g(x) / (1 + 2x) for x from 0 to 10.25, beyond which it rounds to 0; 2 - erfc(-x) below 0.
/// g is a polynomial in s = (1.7317... x - 3.75) / (x + 3.75), which runs from -1 to 1; xx is exact.
/// </summary>
/// <remarks>
/// After J. L. Schonfelder, "Chebyshev expansions for the error and related functions", Math. Comp. 32 (1978).
/// Degree 19 in s: below 2^-51. Relative error below 2^-48; the bound used is 2^-45.
/// </remarks>
public readonly struct FastErfc : IFastFunction
{
    private const double Bound = 1.0 / (1L << 45);

    /// <inheritdoc/>
    public static Function Which => Function.Erfc;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Erfc(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T a = T.Abs(x);
        a = T.Choose(T.Less(T.Splat(10.25), a), T.Splat(10.25), a);
        T near = a + T.Splat(3.75);
        T far = T.Fma(a, T.Splat(2.0), T.Splat(1.0));
        T inverse = T.Splat(1.0) / (near * far);
        T s = T.Fma(a, T.Splat(1.7317073170731707), T.Splat(-3.75)) * (far * inverse);
        T s2 = s * s;
        T s4 = s2 * s2;
        T p0 = Polynomial.Of(
            s4,
            1.273041004951639,
            -0.09150187788686576,
            -0.0009932003031302133,
            -1.8350266220032213e-06,
            -2.0701689454224695e-09);
        T p1 = Polynomial.Of(
            s4,
            -0.0828384016727171,
            0.05066491317550235,
            -1.7179079104973575e-05,
            7.189691011689903e-07,
            3.3159537470118033e-09);
        T p2 = Polynomial.Of(
            s4,
            -0.0710604257335583,
            -0.020603410586800888,
            5.40005441430177e-05,
            5.574796752081702e-08,
            1.0765769647732918e-10);
        T p3 = Polynomial.Of(
            s4,
            0.115204570584244,
            0.0059284071120267465,
            -8.67302209447221e-06,
            -4.9463416038541195e-08,
            -1.7523428536813467e-10);
        T g = T.Fma(T.Fma(p3, s, p2), s2, T.Fma(p1, s, p0)) * (near * inverse);
        FastExponentials.Split(T.Splat(0.0) - (a * a), out T power, out T less);
        T y = T.Fma(g, less, g) * power;
        y = T.Choose(T.Less(x, T.Splat(0.0)), T.Splat(2.0) - y, y);
        Polynomial.Ends(y, Bound, out low, out high);
    }
}
