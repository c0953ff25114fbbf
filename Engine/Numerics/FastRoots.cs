using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>1 / sqrt(x) in doubles: two roundings, so the relative error is below 2^-51; the bound is 2^-50.</summary>
public readonly struct FastRsqrt : IFastFunction
{
    /// <inheritdoc/>
    public static Function Which => Function.Rsqrt;

    /// <inheritdoc/>
    public static float Exact(float x) => Functions.Rsqrt(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T> =>
        Polynomial.Ends(T.Splat(1.0) / T.Sqrt(x), 1.0 / (1L << 50), out low, out high);
}
