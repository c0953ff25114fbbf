using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>Horner's rule, fused, lowest coefficient first; and the few idioms the fast functions share.</summary>
internal static class Polynomial
{
    /// <summary>Adding and subtracting this rounds to an integer, which is left in the low bits of the sum.</summary>
    public const double Magic = 6755399441055744.0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T x, double c0, double c1, double c2)
        where T : struct, IDoubles<T> =>
        T.Fma(T.Fma(T.Splat(c2), x, T.Splat(c1)), x, T.Splat(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T x, double c0, double c1, double c2, double c3)
        where T : struct, IDoubles<T> =>
        T.Fma(T.Fma(T.Fma(T.Splat(c3), x, T.Splat(c2)), x, T.Splat(c1)), x, T.Splat(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T x, double c0, double c1, double c2, double c3, double c4)
        where T : struct, IDoubles<T> =>
        T.Fma(Of(x, c1, c2, c3, c4), x, T.Splat(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T x, double c0, double c1, double c2, double c3, double c4, double c5)
        where T : struct, IDoubles<T> =>
        T.Fma(T.Fma(Of(x, c2, c3, c4, c5), x, T.Splat(c1)), x, T.Splat(c0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T>(T x, double c0, double c1, double c2, double c3, double c4, double c5, double c6)
        where T : struct, IDoubles<T> =>
        T.Fma(T.Fma(T.Fma(Of(x, c3, c4, c5, c6), x, T.Splat(c2)), x, T.Splat(c1)), x, T.Splat(c0));

    /// <summary>x, but no less than low and no more than high; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Clamp<T>(T x, double low, double high)
        where T : struct, IDoubles<T>
    {
        x = T.Choose(T.Less(x, T.Splat(low)), T.Splat(low), x);
        return T.Choose(T.Less(T.Splat(high), x), T.Splat(high), x);
    }

    /// <summary>A non-negative magnitude with the sign of another number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T WithSign<T>(T magnitude, T sign)
        where T : struct, IDoubles<T> =>
        magnitude | (sign & T.SplatBits(long.MinValue));

    /// <summary>y with a relative error up to the bound, as two ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ends<T>(T y, double bound, out T low, out T high)
        where T : struct, IDoubles<T>
    {
        low = y * T.Splat(1.0 - bound);
        high = y * T.Splat(1.0 + bound);
    }
}
