using System;
using System.Numerics;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>The one dot-product formula. The total starts from fl(beta·c) + 0, or +0; k is cut into blocks of <see cref="Block"/>
/// consecutive indices; in each block s = +0, then s = fma(a, b, s) for k ascending; then total = fma(alpha, s, total).</summary>
public static class Dots
{
    /// <summary>Indices of one block.</summary>
    public const int Block = 256;

    /// <summary>Where a total starts that has an addend: fl(beta·c) + 0, which is never −0.</summary>
    public static T Start<T>(T beta, T c)
        where T : IFloatingPointIeee754<T> => (beta * c) + T.Zero;

    /// <summary>The total after one more block of at most <see cref="Block"/> terms.</summary>
    public static T Add<T>(T total, T alpha, ReadOnlySpan<T> a, ReadOnlySpan<T> b)
        where T : IFloatingPointIeee754<T>
    {
        T s = T.Zero;
        for (int k = 0; k < a.Length; k++)
        {
            s = T.FusedMultiplyAdd(a[k], b[k], s);
        }

        return T.FusedMultiplyAdd(alpha, s, total);
    }
}
