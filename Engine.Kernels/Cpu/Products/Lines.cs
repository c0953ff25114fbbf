using System;
using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>The rows of A, or the columns of B: lines of <paramref name="Depth"/> elements along k.</summary>
/// <param name="Axes">Extents and strides whose product enumerates the lines, outermost first.</param>
/// <param name="Depth">Length of the contraction.</param>
/// <param name="Step">From one k to the next.</param>
internal sealed record Lines(ImmutableArray<(long Extent, long Stride)> Axes, long Depth, long Step)
{
    /// <summary>Number of lines.</summary>
    internal long Count
    {
        get
        {
            long count = 1;
            foreach ((long extent, long _) in Axes)
            {
                count *= extent;
            }

            return count;
        }
    }

    /// <summary>Offset of k = 0 of a line.</summary>
    internal long Offset(long line)
    {
        long at = 0;
        for (int axis = Axes.Length - 1; axis >= 0; axis--)
        {
            (line, long i) = Math.DivRem(line, Axes[axis].Extent);
            at += i * Axes[axis].Stride;
        }

        return at;
    }
}
