using System;
using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// The elementary functions. Every result is the exact value rounded once, to nearest with ties to even, with
/// subnormals kept; there is one right answer for every input, and these give it on every machine.
/// </summary>
/// <remarks>
/// <para>Special values follow IEEE 754-2019 section 9.2; a NaN result is the one NaN of <see cref="Real"/>.</para>
/// <para>f32: a double approximation with a stated bound decides the rounding, and where it cannot,
/// <see cref="Ziv"/> does. f64: <see cref="Ziv"/> alone. Nothing here calls the host's libm.</para>
/// </remarks>
public static class Functions
{
    /// <summary>e^x.</summary>
    /// <remarks>exp(-inf) = +0; exp(+inf) = +inf.</remarks>
    public static float Exp(float x) => Decide<FastExp>(x);

    /// <summary>The natural logarithm of x.</summary>
    /// <remarks>log(±0) = -inf; log(x) for x &lt; 0 is NaN; log(+inf) = +inf.</remarks>
    public static float Log(float x) => Decide<FastLog>(x);

    /// <summary>The hyperbolic tangent of x.</summary>
    /// <remarks>tanh(±0) = ±0; tanh(±inf) = ±1.</remarks>
    public static float Tanh(float x) => Decide<FastTanh>(x);

    /// <summary>The error function, 2/sqrt(pi) times the integral of e^-tt from 0 to x.</summary>
    /// <remarks>erf(±0) = ±0; erf(±inf) = ±1.</remarks>
    public static float Erf(float x) => Decide<FastErf>(x);

    /// <summary>1 - erf(x), without the cancellation.</summary>
    /// <remarks>erfc(-inf) = 2; erfc(+inf) = +0.</remarks>
    public static float Erfc(float x) => Decide<FastErfc>(x);

    /// <summary>The square root of x.</summary>
    /// <remarks>sqrt(-0) = -0; sqrt(x) for x &lt; 0 is NaN. IEEE 754 section 5.4.1.</remarks>
    public static float Sqrt(float x) => Real.Canonical(float.Sqrt(x));

    /// <summary>1 / sqrt(x), rounded once.</summary>
    /// <remarks>rsqrt(±0) = ±inf; rsqrt(x) for x &lt; 0 is NaN; rsqrt(+inf) = +0.</remarks>
    public static float Rsqrt(float x) => Decide<FastRsqrt>(x);

    /// <summary>1 / x.</summary>
    /// <remarks>reciprocal(±0) = ±inf; reciprocal(±inf) = ±0. IEEE 754 section 5.4.1.</remarks>
    public static float Reciprocal(float x) => Real.Canonical(1 / x);

    /// <summary>The sine of x radians.</summary>
    /// <remarks>sin(±0) = ±0; sin(±inf) is NaN. Pi is taken to as many bits as it takes.</remarks>
    public static float Sin(float x) => Angle<FastSin>(x, 0);

    /// <summary>The cosine of x radians.</summary>
    /// <remarks>cos(±inf) is NaN. Pi is taken to as many bits as it takes.</remarks>
    public static float Cos(float x) => Angle<FastCos>(x, 1);

    /// <summary>e^x - 1, without the cancellation.</summary>
    /// <remarks>expm1(±0) = ±0; expm1(-inf) = -1; expm1(+inf) = +inf.</remarks>
    public static float Expm1(float x) => Decide<FastExpm1>(x);

    /// <summary>log(1 + x), without the cancellation.</summary>
    /// <remarks>log1p(±0) = ±0; log1p(-1) = -inf; log1p(x) for x &lt; -1 is NaN; log1p(+inf) = +inf.</remarks>
    public static float Log1p(float x) => Decide<FastLog1p>(x);

    /// <summary>2^x.</summary>
    /// <remarks>exp2(-inf) = +0; exp2(+inf) = +inf; exact for integers in range.</remarks>
    public static float Exp2(float x) => Decide<FastExp2>(x);

    /// <summary>The logarithm of x to base 2.</summary>
    /// <remarks>log2(±0) = -inf; log2(x) for x &lt; 0 is NaN; log2(+inf) = +inf; exact for powers of two.</remarks>
    public static float Log2(float x) => Decide<FastLog2>(x);

    /// <summary>The inverse tangent of x, in radians.</summary>
    /// <remarks>atan(±0) = ±0; atan(±inf) = ±pi/2, rounded.</remarks>
    public static float Atan(float x) => Decide<FastAtan>(x);

    /// <summary>The tangent of x radians.</summary>
    /// <remarks>tan(±0) = ±0; tan(±inf) is NaN. Pi is taken to as many bits as it takes.</remarks>
    public static float Tan(float x) => Angle<FastTan>(x, 0);

    /// <summary>The inverse sine of x, in radians.</summary>
    /// <remarks>asin(±0) = ±0; asin(±1) = ±pi/2, rounded; asin(x) for |x| &gt; 1 is NaN.</remarks>
    public static float Asin(float x) => Decide<FastAsin>(x);

    /// <summary>The inverse cosine of x, in radians.</summary>
    /// <remarks>acos(1) = +0; acos(-1) = pi, rounded; acos(x) for |x| &gt; 1 is NaN.</remarks>
    public static float Acos(float x) => Decide<FastAcos>(x);

    /// <summary>The hyperbolic sine of x.</summary>
    /// <remarks>sinh(±0) = ±0; sinh(±inf) = ±inf.</remarks>
    public static float Sinh(float x) => Decide<FastSinh>(x);

    /// <summary>The hyperbolic cosine of x.</summary>
    /// <remarks>cosh(±0) = 1; cosh(±inf) = +inf.</remarks>
    public static float Cosh(float x) => Decide<FastCosh>(x);

    /// <summary>The inverse hyperbolic sine of x.</summary>
    /// <remarks>asinh(±0) = ±0; asinh(±inf) = ±inf.</remarks>
    public static float Asinh(float x) => Decide<FastAsinh>(x);

    /// <summary>The inverse hyperbolic cosine of x.</summary>
    /// <remarks>acosh(1) = +0; acosh(x) for x &lt; 1 is NaN; acosh(+inf) = +inf.</remarks>
    public static float Acosh(float x) => Decide<FastAcosh>(x);

    /// <summary>The inverse hyperbolic tangent of x.</summary>
    /// <remarks>atanh(±0) = ±0; atanh(±1) = ±inf; atanh(x) for |x| &gt; 1 is NaN.</remarks>
    public static float Atanh(float x) => Decide<FastAtanh>(x);

    /// <summary>x to the power y.</summary>
    /// <remarks>
    /// pow(x, ±0) = pow(1, y) = 1 even for NaN; pow(-1, ±inf) = 1; pow(x, y) for x &lt; 0 and y not an integer is
    /// NaN; the sign of x survives odd integers y only. IEEE 754-2019 section 9.2.1.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Pow(float x, float y)
    {
        FastPower.Enclose(new OneDouble(x), new OneDouble(y), out OneDouble low, out OneDouble high);
        return Agree(low, high, out float result)
            ? result
            : PowExactly(x, y);
    }

    /// <summary>e^x.</summary>
    /// <remarks>exp(-inf) = +0; exp(+inf) = +inf.</remarks>
    public static double Exp(double x) => Double(Function.Exp, x);

    /// <summary>The natural logarithm of x.</summary>
    /// <remarks>log(±0) = -inf; log(x) for x &lt; 0 is NaN; log(+inf) = +inf.</remarks>
    public static double Log(double x) => Double(Function.Log, x);

    /// <summary>The hyperbolic tangent of x.</summary>
    /// <remarks>tanh(±0) = ±0; tanh(±inf) = ±1.</remarks>
    public static double Tanh(double x) => Double(Function.Tanh, x);

    /// <summary>The error function, 2/sqrt(pi) times the integral of e^-tt from 0 to x.</summary>
    /// <remarks>erf(±0) = ±0; erf(±inf) = ±1.</remarks>
    public static double Erf(double x) => Double(Function.Erf, x);

    /// <summary>1 - erf(x), without the cancellation.</summary>
    /// <remarks>erfc(-inf) = 2; erfc(+inf) = +0.</remarks>
    public static double Erfc(double x) => Double(Function.Erfc, x);

    /// <summary>The square root of x.</summary>
    /// <remarks>sqrt(-0) = -0; sqrt(x) for x &lt; 0 is NaN. IEEE 754 section 5.4.1.</remarks>
    public static double Sqrt(double x) => Real.Canonical(double.Sqrt(x));

    /// <summary>1 / sqrt(x), rounded once.</summary>
    /// <remarks>rsqrt(±0) = ±inf; rsqrt(x) for x &lt; 0 is NaN; rsqrt(+inf) = +0.</remarks>
    public static double Rsqrt(double x) => Double(Function.Rsqrt, x);

    /// <summary>1 / x.</summary>
    /// <remarks>reciprocal(±0) = ±inf; reciprocal(±inf) = ±0. IEEE 754 section 5.4.1.</remarks>
    public static double Reciprocal(double x) => Real.Canonical(1 / x);

    /// <summary>The sine of x radians.</summary>
    /// <remarks>sin(±0) = ±0; sin(±inf) is NaN. Pi is taken to as many bits as it takes.</remarks>
    public static double Sin(double x) => Double(Function.Sin, x);

    /// <summary>The cosine of x radians.</summary>
    /// <remarks>cos(±inf) is NaN. Pi is taken to as many bits as it takes.</remarks>
    public static double Cos(double x) => Double(Function.Cos, x);

    /// <summary>e^x - 1, without the cancellation.</summary>
    /// <remarks>expm1(±0) = ±0; expm1(-inf) = -1; expm1(+inf) = +inf.</remarks>
    public static double Expm1(double x) => Double(Function.Expm1, x);

    /// <summary>log(1 + x), without the cancellation.</summary>
    /// <remarks>log1p(±0) = ±0; log1p(-1) = -inf; log1p(x) for x &lt; -1 is NaN; log1p(+inf) = +inf.</remarks>
    public static double Log1p(double x) => Double(Function.Log1p, x);

    /// <summary>2^x.</summary>
    /// <remarks>exp2(-inf) = +0; exp2(+inf) = +inf; exact for integers in range.</remarks>
    public static double Exp2(double x) => Double(Function.Exp2, x);

    /// <summary>The logarithm of x to base 2.</summary>
    /// <remarks>log2(±0) = -inf; log2(x) for x &lt; 0 is NaN; log2(+inf) = +inf; exact for powers of two.</remarks>
    public static double Log2(double x) => Double(Function.Log2, x);

    /// <summary>The inverse tangent of x, in radians.</summary>
    /// <remarks>atan(±0) = ±0; atan(±inf) = ±pi/2, rounded.</remarks>
    public static double Atan(double x) => Double(Function.Atan, x);

    /// <summary>The tangent of x radians.</summary>
    /// <remarks>tan(±0) = ±0; tan(±inf) is NaN. Pi is taken to as many bits as it takes.</remarks>
    public static double Tan(double x) => Double(Function.Tan, x);

    /// <summary>The inverse sine of x, in radians.</summary>
    /// <remarks>asin(±0) = ±0; asin(±1) = ±pi/2, rounded; asin(x) for |x| &gt; 1 is NaN.</remarks>
    public static double Asin(double x) => Double(Function.Asin, x);

    /// <summary>The inverse cosine of x, in radians.</summary>
    /// <remarks>acos(1) = +0; acos(-1) = pi, rounded; acos(x) for |x| &gt; 1 is NaN.</remarks>
    public static double Acos(double x) => Double(Function.Acos, x);

    /// <summary>The hyperbolic sine of x.</summary>
    /// <remarks>sinh(±0) = ±0; sinh(±inf) = ±inf.</remarks>
    public static double Sinh(double x) => Double(Function.Sinh, x);

    /// <summary>The hyperbolic cosine of x.</summary>
    /// <remarks>cosh(±0) = 1; cosh(±inf) = +inf.</remarks>
    public static double Cosh(double x) => Double(Function.Cosh, x);

    /// <summary>The inverse hyperbolic sine of x.</summary>
    /// <remarks>asinh(±0) = ±0; asinh(±inf) = ±inf.</remarks>
    public static double Asinh(double x) => Double(Function.Asinh, x);

    /// <summary>The inverse hyperbolic cosine of x.</summary>
    /// <remarks>acosh(1) = +0; acosh(x) for x &lt; 1 is NaN; acosh(+inf) = +inf.</remarks>
    public static double Acosh(double x) => Double(Function.Acosh, x);

    /// <summary>The inverse hyperbolic tangent of x.</summary>
    /// <remarks>atanh(±0) = ±0; atanh(±1) = ±inf; atanh(x) for |x| &gt; 1 is NaN.</remarks>
    public static double Atanh(double x) => Double(Function.Atanh, x);

    /// <summary>x to the power y.</summary>
    /// <remarks>The special cases are those of the f32 function.</remarks>
    public static double Pow(double x, double y) =>
        BitConverter.UInt64BitsToDouble(Ziv.Pow(BinaryFormat.F64, x, y));

    /// <summary>The function named, at x.</summary>
    public static float Of(Function function, float x) => function switch
    {
        Function.Exp => Exp(x),
        Function.Log => Log(x),
        Function.Tanh => Tanh(x),
        Function.Erf => Erf(x),
        Function.Erfc => Erfc(x),
        Function.Sqrt => Sqrt(x),
        Function.Rsqrt => Rsqrt(x),
        Function.Reciprocal => Reciprocal(x),
        Function.Sin => Sin(x),
        Function.Cos => Cos(x),
        Function.Expm1 => Expm1(x),
        Function.Log1p => Log1p(x),
        Function.Exp2 => Exp2(x),
        Function.Log2 => Log2(x),
        Function.Atan => Atan(x),
        Function.Tan => Tan(x),
        Function.Asin => Asin(x),
        Function.Acos => Acos(x),
        Function.Sinh => Sinh(x),
        Function.Cosh => Cosh(x),
        Function.Asinh => Asinh(x),
        Function.Acosh => Acosh(x),
        Function.Atanh => Atanh(x),
        _ => throw new ArgumentOutOfRangeException(nameof(function)),
    };

    /// <summary>The function named, at x.</summary>
    public static double Of(Function function, double x) => function switch
    {
        Function.Sqrt => Sqrt(x),
        Function.Reciprocal => Reciprocal(x),
        _ => Double(function, x),
    };

    /// <summary>The function named, at x, a float or a double.</summary>
    /// <exception cref="NotSupportedException">Another type.</exception>
    public static T Of<T>(Function function, T x)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return Unsafe.BitCast<float, T>(Of(function, Unsafe.BitCast<T, float>(x)));
        }

        return typeof(T) == typeof(double)
            ? Unsafe.BitCast<double, T>(Of(function, Unsafe.BitCast<T, double>(x)))
            : throw new NotSupportedException($"functions are of float or double, not {typeof(T)}");
    }

    /// <summary>The function named, at x, from integer arithmetic alone: what the fast path must agree with.</summary>
    public static float Exactly(Function function, float x) => Single(function, x);

    /// <summary>x to the power y from integer arithmetic alone: what the fast path must agree with.</summary>
    public static float PowExactly(float x, float y) =>
        BitConverter.UInt32BitsToSingle((uint)Ziv.Pow(BinaryFormat.F32, x, y));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Decide<TFast>(float x)
        where TFast : struct, IFastFunction
    {
        TFast.Enclose(new OneDouble(x), out OneDouble low, out OneDouble high);
        return Agree(low, high, out float result) ? result : Single(TFast.Which, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Angle<TFast>(float x, long quarters)
        where TFast : struct, IFastFunction
    {
        if (!(float.Abs(x) > FastTrigonometry.Far) || float.IsInfinity(x))
        {
            return Decide<TFast>(x);
        }

        double angle = FastTrigonometry.Reduce(x, out long turns);
        OneDouble y = TFast.Which == Function.Tan
            ? FastTrigonometry.Tangent(new OneDouble(angle), OneDouble.SplatBits(turns))
            : FastTrigonometry.Sine(new OneDouble(angle), OneDouble.SplatBits(turns + quarters));
        Polynomial.Ends(y, FastTrigonometry.Bound, out OneDouble low, out OneDouble high);
        return Agree(low, high, out float result) ? result : Single(TFast.Which, x);
    }

    private static bool Agree(OneDouble low, OneDouble high, out float result)
    {
        result = Real.ToF32(low.Value);
        return result == (float)high.Value || float.IsNaN(result);
    }

    // Kept out of line: the exact path is rare, and long.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Single(Function function, float x) =>
        BitConverter.UInt32BitsToSingle((uint)Ziv.Evaluate(function, BinaryFormat.F32, x));

    private static double Double(Function function, double x) =>
        BitConverter.UInt64BitsToDouble(Ziv.Evaluate(function, BinaryFormat.F64, x));
}
