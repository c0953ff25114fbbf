using System;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>Arithmetic on counts that are not negative, which stops at the largest 64-bit integer.</summary>
internal static class Saturating
{
    /// <summary>a + b.</summary>
    internal static long Add(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    /// <summary>a · b.</summary>
    internal static long Multiply(long a, long b) => (long)Int128.Min((Int128)a * b, long.MaxValue);
}
