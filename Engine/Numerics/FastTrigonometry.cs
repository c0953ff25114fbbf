using System;
using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// sin x, cos x, tan x and the inverse functions in double arithmetic. Up to 2^20 an angle is reduced by k pi/2
/// with pi/2 as the sum of two doubles (Cody and Waite, fused); beyond, with the bits of 2/pi that matter (Payne
/// and Hanek), in integers, one lane at a time.
/// </summary>
/// <remarks>
/// No f32 lies closer to a multiple of pi/2 than 2^-31 or so of it, so the reduced angle keeps a relative error
/// below 2^-51. Polynomials: Chebyshev interpolation, below 2^-55 (sin, cos) and 2^-57 (atan) of the result.
/// Every relative error is below 2^-50; the bound used is 2^-46. tan is the quotient of a sine and a cosine of one
/// reduced angle r; an error of r reaches it enlarged by 2r / sin 2r, at most 1.6. With both polynomials and the
/// division: below 2^-49, next to the zeros and the poles too, since they are where r is small.
/// </remarks>
internal static class FastTrigonometry
{
    public const double Bound = 1.0 / (1L << 46);

    /// <summary>The largest angle that is reduced in doubles.</summary>
    public const double Far = 1048576.0;

    private const double PerQuarter = 0.6366197723675814;
    private const double QuarterHigh = 1.5707963267948966;
    private const double QuarterLow = 6.123233995736766e-17;
    private const double EighthTangent = 0.4142135623730950;
    private const double EighthCotangent = 2.414213562373095;

    // The bits of 2/pi after the binary point, with 64 zeros before it.
    private static ReadOnlySpan<ulong> TwoOverPi =>
        [0, 0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041, 0xFE5163ABDEBBC561, 0];

    /// <summary>The sine of x + quarters * pi/2; an enclosure that decides nothing where |x| is above Far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, long quarters, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T r = Reduce(x, out T shifted);
        Ends(x, Sine(r, T.AddBits(shifted, T.SplatBits(quarters))), out low, out high);
    }

    /// <summary>The angle reduced, and its quarters in the low bits, where |x| is not above Far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Reduce<T>(T x, out T quarters)
        where T : struct, IDoubles<T>
    {
        quarters = T.Fma(x, T.Splat(PerQuarter), T.Splat(Polynomial.Magic));
        T k = quarters - T.Splat(Polynomial.Magic);
        return T.Fma(k, T.Splat(-QuarterLow), T.Fma(k, T.Splat(-QuarterHigh), x));
    }

    /// <summary>The ends of y; of different sign, so that they decide nothing, where |x| is above Far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ends<T>(T x, T y, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        Polynomial.Ends(y, Bound, out low, out high);

        // NaN and infinity give NaN, by x - x.
        T size = T.Abs(x);
        T far = T.Less(T.Splat(Far), size);
        T none = x - x;
        low = T.Choose(far, none - T.Splat(1.0), low);
        high = T.Choose(far, none + T.Splat(1.0), high);
    }

    /// <summary>The sine of r + n pi/2, |r| up to pi/4 and a little, n in the low bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sine<T>(T r, T n)
        where T : struct, IDoubles<T>
    {
        Both(r, out T sine, out T cosine);
        return T.Choose(IsOdd(n), cosine, sine) ^ ((n >>> 1) << 63);
    }

    /// <summary>The tangent of r + n pi/2: sin r / cos r, or -cos r / sin r for an odd n.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tangent<T>(T r, T n)
        where T : struct, IDoubles<T>
    {
        Both(r, out T sine, out T cosine);
        T odd = IsOdd(n);
        return (T.Choose(odd, cosine, sine) / T.Choose(odd, sine, cosine)) ^ (n << 63);
    }

    /// <summary>The angle, from 0 to pi/2, whose tangent is the quotient of two non-negative numbers.</summary>
    /// <remarks>
    /// Up to tan(pi/8) the series of t = over / under, beyond of (over - under) / (over + under) with pi/4 added,
    /// from 1 / tan(pi/8) of -under / over with pi/2 added.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Arc<T>(T over, T under)
        where T : struct, IDoubles<T>
    {
        T middle = T.Less(T.Splat(EighthTangent) * under, over);
        T large = T.Less(T.Splat(EighthCotangent) * under, over);
        T high2 = T.Choose(large, T.Splat(QuarterHigh), middle & T.Splat(QuarterHigh / 2));
        T low2 = T.Choose(large, T.Splat(QuarterLow), middle & T.Splat(QuarterLow / 2));
        T first = T.Choose(large, T.Splat(0.0) - under, T.Choose(middle, over - under, over));
        T second = T.Choose(large, over, T.Choose(middle, over + under, under));
        T t = first / second;
        T square = t * t;
        T fourth = square * square;
        T even = Polynomial.Of(
            fourth,
            -0.3333333333333333,
            -0.14285714284666184,
            -0.09090904576954117,
            -0.06664511064599371,
            -0.050854323376990765,
            -0.01917627151752634);
        T odd = Polynomial.Of(
            fourth,
            0.19999999999995519,
            0.11111111015227572,
            0.07692183163650894,
            0.05858145587628202,
            0.0392311556198723);
        T tail = T.Fma(t * square, T.Fma(odd, square, even), low2);
        return high2 + (t + tail);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T IsOdd<T>(T n)
        where T : struct, IDoubles<T> => T.SubtractBits(T.SplatBits(0), n & T.SplatBits(1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Both<T>(T r, out T sine, out T cosine)
        where T : struct, IDoubles<T>
    {
        T square = r * r;
        T fourth = square * square;
        sine = T.Fma(
            Polynomial.Of(fourth, 0.008333333333330946, 2.7557316100283695e-06, 1.5918095236696272e-10),
            square,
            Polynomial.Of(fourth, -0.16666666666666666, -0.000198412698367542, -2.5051131372218632e-08));
        sine = T.Fma(r * square, sine, r);
        cosine = T.Fma(
            Polynomial.Of(fourth, -0.0013888888888887395, -2.755731727031051e-07, -1.1382611119025631e-11),
            square,
            Polynomial.Of(fourth, 0.041666666666666664, 2.480158729876295e-05, 2.087614597263508e-09));
        cosine = T.Fma(fourth, cosine, T.Fma(square, T.Splat(-0.5), T.Splat(1.0)));
    }

    /// <summary>The angle reduced, and its quarters, of a finite f32 not below Far.</summary>
    public static double Reduce(float x, out long quarters)
    {
        uint bits = BitConverter.SingleToUInt32Bits(x) & 0x7FFFFFFF;
        ulong significand = (bits & 0x7FFFFF) | 0x800000;
        int exponent = (int)(bits >> 23) - 150;

        // 128 bits of 2/pi * 2^exponent: two before the point and 126 after it; higher ones are whole turns.
        int start = 64 + exponent - 2;
        int word = start >> 6;
        int shift = start & 63;
        ulong upper = Window(word, shift);
        ulong lower = Window(word + 1, shift);
        UInt128 turns = unchecked(new UInt128(upper, lower) * significand);
        UInt128 half = UInt128.One << 125;
        UInt128 rounded = unchecked(turns + half);
        quarters = (long)(ulong)(rounded >> 126);
        UInt128 rest = unchecked(turns - ((rounded >> 126) << 126));
        bool negative = (rest >> 127) != UInt128.Zero;
        UInt128 size = negative ? unchecked(UInt128.Zero - rest) : rest;
        int zeros = (int)UInt128.LeadingZeroCount(size);
        long head = (long)(ulong)((size << zeros) >> 65);
        double fraction = head * BitConverter.Int64BitsToDouble((long)(1023 - 63 + 2 - zeros) << 52);
        double angle = fraction * QuarterHigh;
        if (x < 0)
        {
            quarters = -quarters;
            negative = !negative;
        }

        return negative ? -angle : angle;
    }

    private static ulong Window(int word, int shift) => shift == 0
        ? TwoOverPi[word]
        : (TwoOverPi[word] << shift) | (TwoOverPi[word + 1] >> (64 - shift));
}

/// <summary>Sine.</summary>
public readonly struct FastSin : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Sin;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Sin(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        FastTrigonometry.Enclose(x, 0, out low, out high);
        T zero = T.Equal(x, T.Splat(0.0));
        low = T.Choose(zero, x, low);
        high = T.Choose(zero, x, high);
    }
}

/// <summary>Cosine.</summary>
public readonly struct FastCos : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Cos;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Cos(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T> => FastTrigonometry.Enclose(x, 1, out low, out high);
}

/// <summary>Tangent.</summary>
public readonly struct FastTan : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Tan;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Tan(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T r = FastTrigonometry.Reduce(x, out T quarters);
        FastTrigonometry.Ends(x, FastTrigonometry.Tangent(r, quarters), out low, out high);
        T zero = T.Equal(x, T.Splat(0.0));
        low = T.Choose(zero, x, low);
        high = T.Choose(zero, x, high);
    }
}

/// <summary>Inverse tangent.</summary>
public readonly struct FastAtan : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Atan;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Atan(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T y = FastTrigonometry.Arc(T.Abs(x), T.Splat(1.0));
        Polynomial.Ends(Polynomial.WithSign(y, x), FastTrigonometry.Bound, out low, out high);
    }
}

/// <summary>
/// Inverse sine: the angle whose tangent is x / c with c = sqrt((1 - x)(1 + x)), by which it is NaN outside [-1, 1].
/// </summary>
/// <remarks>
/// In units u = 2^-53: 1 - x and 1 + x are exact from 2^-29 on and within u below, so c is within 2.5 u. Where the
/// angle is the series alone, it is off by 3.5 u more than an inverse tangent; elsewhere c, the sum, the difference
/// and the quotient move it by no more than 3 u, and it is at least pi/8: 8 u. Relative error below 2^-49.
/// </remarks>
public readonly struct FastAsin : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Asin;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Asin(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T size = T.Abs(x);
        T one = T.Splat(1.0);
        T y = FastTrigonometry.Arc(size, T.Sqrt((one - size) * (one + size)));
        Polynomial.Ends(Polynomial.WithSign(y, x), FastTrigonometry.Bound, out low, out high);
    }
}

/// <summary>Inverse cosine: the angle whose tangent is c / |x|, c as in <see cref="FastAsin"/>; pi less that below 0.</summary>
/// <remarks>
/// The error of the angle is that of <see cref="FastAsin"/>. It ends at 0, where c / |x| keeps its relative error;
/// pi less an angle is at least pi/2. Relative error below 2^-49.
/// </remarks>
public readonly struct FastAcos : IFastFunction
{
    private const double PiHigh = 3.141592653589793;
    private const double PiLow = 1.2246467991473532e-16;

    /// <inheritdoc/>
    public static Function Which => Function.Acos;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Acos(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        T size = T.Abs(x);
        T one = T.Splat(1.0);
        T y = FastTrigonometry.Arc(T.Sqrt((one - size) * (one + size)), size);
        y = T.Choose(T.Less(x, T.Splat(0.0)), T.Splat(PiHigh) - (y - T.Splat(PiLow)), y);
        Polynomial.Ends(y, FastTrigonometry.Bound, out low, out high);
    }
}
