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
            float value = Functions.Of(function, Unsafe.BitCast<T, float>(x));
            return Unsafe.BitCast<float, T>(value);
        }

        if (typeof(T) == typeof(double))
        {
            double value = Functions.Of(function, Unsafe.BitCast<T, double>(x));
            return Unsafe.BitCast<double, T>(value);
        }

        throw new NotSupportedException($"functions are of float or double, not {typeof(T)}");
    }
}
