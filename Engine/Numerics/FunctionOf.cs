using System;
using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>The functions by name, for code that serves f32 and f64 with one text.</summary>
public static class FunctionOf
{
    /// <summary>The function of x, correctly rounded to the type of x (float or double).</summary>
    /// <exception cref="NotSupportedException">Another type.</exception>
    public static T Apply<T>(Function function, T x)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            float value = Apply(function, Unsafe.BitCast<T, float>(x));
            return Unsafe.BitCast<float, T>(value);
        }

        if (typeof(T) == typeof(double))
        {
            double value = Apply(function, Unsafe.BitCast<T, double>(x));
            return Unsafe.BitCast<double, T>(value);
        }

        throw new NotSupportedException($"functions are of float or double, not {typeof(T)}");
    }

    /// <summary>The function of x, correctly rounded to f32.</summary>
    public static float Apply(Function function, float x) => function switch
    {
        Function.Exp => Functions.Exp(x),
        Function.Log => Functions.Log(x),
        Function.Tanh => Functions.Tanh(x),
        Function.Erf => Functions.Erf(x),
        Function.Erfc => Functions.Erfc(x),
        Function.Sqrt => Functions.Sqrt(x),
        Function.Rsqrt => Functions.Rsqrt(x),
        Function.Reciprocal => Functions.Reciprocal(x),
        Function.Sin => Functions.Sin(x),
        Function.Cos => Functions.Cos(x),
        Function.Expm1 => Functions.Expm1(x),
        Function.Log1p => Functions.Log1p(x),
        Function.Exp2 => Functions.Exp2(x),
        Function.Log2 => Functions.Log2(x),
        Function.Atan => Functions.Atan(x),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "not a function"),
    };

    /// <summary>The function of x, correctly rounded to f64.</summary>
    public static double Apply(Function function, double x) => function switch
    {
        Function.Exp => Functions.Exp(x),
        Function.Log => Functions.Log(x),
        Function.Tanh => Functions.Tanh(x),
        Function.Erf => Functions.Erf(x),
        Function.Erfc => Functions.Erfc(x),
        Function.Sqrt => Functions.Sqrt(x),
        Function.Rsqrt => Functions.Rsqrt(x),
        Function.Reciprocal => Functions.Reciprocal(x),
        Function.Sin => Functions.Sin(x),
        Function.Cos => Functions.Cos(x),
        Function.Expm1 => Functions.Expm1(x),
        Function.Log1p => Functions.Log1p(x),
        Function.Exp2 => Functions.Exp2(x),
        Function.Log2 => Functions.Log2(x),
        Function.Atan => Functions.Atan(x),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "not a function"),
    };
}
