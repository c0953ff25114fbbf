using System;
using System.Numerics;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>The largest and smallest of many numbers: NaN wins, +0 is above −0. Any order gives the same bits.</summary>
public static class Extremes
{
    private const int Block = 256;

    /// <summary>The largest of count terms; −infinity for none.</summary>
    public static T Largest<T>(long count, Terms<T> terms)
        where T : unmanaged, IFloatingPointIeee754<T> => Find(count, terms, T.NegativeInfinity, T.Max);

    /// <summary>The smallest of count terms; +infinity for none.</summary>
    public static T Smallest<T>(long count, Terms<T> terms)
        where T : unmanaged, IFloatingPointIeee754<T> => Find(count, terms, T.PositiveInfinity, T.Min);

    // T.Max and T.Min are IEEE 754-2019 maximum and minimum; their NaN is made canonical when it is stored.
    private static T Find<T>(long count, Terms<T> terms, T start, Func<T, T, T> better)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(terms);
        Span<T> block = stackalloc T[Block];
        T best = start;
        for (long done = 0; done < count; done += Block)
        {
            Span<T> part = block[..(int)Math.Min(Block, count - done)];
            terms(done, part);
            foreach (T term in part)
            {
                best = better(best, term);
            }
        }

        return best;
    }
}
