using System;
using System.Numerics;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>Gives consecutive terms of a fold.</summary>
/// <param name="start">Index of the first term wanted.</param>
/// <param name="terms">To be filled.</param>
public delegate void Terms<T>(long start, Span<T> terms);

/// <summary>The one way to fold many numbers into one. 32 virtual lanes: lane l takes terms l, l + 32, … from the neutral element; then
/// lanes fold in halves (16, 8, 4, 2, 1): v[i] = v[i] ∘ v[i + h]. Above <see cref="Block"/> terms: blocks of <see cref="Block"/> folded
/// so, and the block results folded by the same rule. Trailing neutral terms never change the result.</summary>
public static class Folds
{
    /// <summary>Terms of one block.</summary>
    public const int Block = 4096;

    /// <summary>Number of virtual lanes.</summary>
    public const int Lanes = 32;

    /// <summary>The sum of count terms; +0 for none.</summary>
    public static T Sum<T>(long count, Terms<T> terms)
        where T : unmanaged, IFloatingPointIeee754<T> => Fold(count, terms, product: false);

    /// <summary>The product of count terms; 1 for none.</summary>
    public static T Product<T>(long count, Terms<T> terms)
        where T : unmanaged, IFloatingPointIeee754<T> => Fold(count, terms, product: true);

    private static T Fold<T>(long count, Terms<T> terms, bool product)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> block = new T[(int)Math.Min(count, Block)];
        while (count > Block)
        {
            T[] results = new T[(count + Block - 1) / Block];
            for (int i = 0; i < results.Length; i++)
            {
                Span<T> part = block[..(int)Math.Min(Block, count - ((long)i * Block))];
                terms((long)i * Block, part);
                results[i] = FoldBlock<T>(part, product);
            }

            count = results.Length;
            terms = (start, destination) => results.AsSpan((int)start, destination.Length).CopyTo(destination);
        }

        terms(0, block[..(int)count]);
        return FoldBlock<T>(block[..(int)count], product);
    }

    private static T FoldBlock<T>(ReadOnlySpan<T> block, bool product)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> lanes = stackalloc T[Lanes];
        lanes.Fill(product ? T.One : T.Zero);
        for (int i = 0; i < block.Length; i++)
        {
            ref T lane = ref lanes[i % Lanes];
            lane = product ? lane * block[i] : lane + block[i];
        }

        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                lanes[i] = product ? lanes[i] * lanes[i + half] : lanes[i] + lanes[i + half];
            }
        }

        return lanes[0];
    }
}
