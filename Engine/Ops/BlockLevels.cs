using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

/// <summary>How n terms are brought down to one number so that no step reads more than a block of <see cref="Folds.Block"/>: each level
/// holds one result for each block of the level below, the lowest reads the terms themselves, and the last has at most a block of
/// results. At most a block of terms needs no level.</summary>
internal static class BlockLevels
{
    /// <summary>Number of results at each level.</summary>
    internal static ImmutableArray<long> Of(long n)
    {
        ImmutableArray<long>.Builder levels = ImmutableArray.CreateBuilder<long>();
        while (n > Folds.Block)
        {
            n = (n / Folds.Block) + (n % Folds.Block == 0 ? 0 : 1);
            levels.Add(n);
        }

        return levels.ToImmutable();
    }
}

/// <summary>One step of <see cref="BlockLevels"/>: what makes the results of a level, or the last number.</summary>
/// <param name="Slot">Where its terms are.</param>
/// <param name="Terms">How many terms a row has there.</param>
/// <param name="Results">How many results a row has: one for each block of its terms.</param>
internal readonly record struct BlockStep(int Slot, long Terms, long Results)
{
    /// <summary>The step that makes level <paramref name="level"/> of n terms; one above the last level is the number itself.</summary>
    /// <param name="n">Terms of a row in slot 0.</param>
    /// <param name="level">Level, from 0.</param>
    /// <param name="below">Slot of the level below, where there is one.</param>
    internal static BlockStep Of(long n, int level, int below)
    {
        ImmutableArray<long> levels = BlockLevels.Of(n);
        return new(level == 0 ? 0 : below, level == 0 ? n : levels[level - 1], level == levels.Length ? 1 : levels[level]);
    }

    /// <summary>What a box of results reads of <see cref="Slot"/>.</summary>
    /// <param name="reads">With a box of rows, and along one more axis of results where there is more than one of them.</param>
    /// <param name="rows">The box's extents along the axes of rows.</param>
    internal Footprint Footprint(Reads reads, ImmutableArray<long> rows)
    {
        long results = reads.Box.Length > rows.Length ? reads.Box[^1] : 1;
        return Reads.Run(reads.Shape(Slot), rows, Math.Min(Terms, results * Folds.Block));
    }

    /// <summary>The row of a result, and where its terms lie.</summary>
    internal (long Row, long First, int Count) Block(long result)
    {
        (long row, long block) = Math.DivRem(result, Results);
        long first = block * Folds.Block;
        return (row, (row * Terms) + first, (int)Math.Min(Folds.Block, Terms - first));
    }
}
