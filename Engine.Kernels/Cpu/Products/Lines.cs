using System;
using System.Collections.Generic;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>The rows of A, or the columns of B: lines of <paramref name="Depth"/> elements along k.</summary>
/// <param name="Axes">Extents and strides whose product enumerates the lines, outermost first.</param>
/// <param name="Depth">Length of the contraction.</param>
/// <param name="Step">From one k to the next.</param>
internal sealed record Lines(ImmutableArray<(long Extent, long Stride)> Axes, long Depth, long Step)
{
    /// <summary>The lines of an operand [lines.., k].</summary>
    internal static Lines Of(AffineView map, int from = 0)
    {
        List<(long Extent, long Stride)> axes = [];
        for (int axis = from; axis < map.Shape.Rank - 1; axis++)
        {
            if (map.Shape[axis] == 1)
            {
                continue;
            }

            if (axes.Count > 0 && axes[^1].Stride == map.Strides[axis] * map.Shape[axis])
            {
                axes[^1] = (axes[^1].Extent * map.Shape[axis], map.Strides[axis]);
            }
            else
            {
                axes.Add((map.Shape[axis], map.Strides[axis]));
            }
        }

        return new Lines([.. axes], map.Shape[^1], map.Strides[^1]);
    }

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

    /// <summary>True where some lines are equally far apart.</summary>
    /// <param name="line">The first of them.</param>
    /// <param name="count">Their number.</param>
    /// <param name="apart">From one to the next.</param>
    internal bool AreEven(long line, long count, out long apart)
    {
        apart = Axes.Length == 0 ? 0 : Axes[^1].Stride;
        return Axes.Length == 0 || (line % Axes[^1].Extent) + count <= Axes[^1].Extent;
    }

    /// <summary>True when the first axes of a map repeat what lies behind them.</summary>
    internal static bool Repeat(AffineView map, int axes)
    {
        for (int axis = 0; axis < axes; axis++)
        {
            if (map.Shape[axis] != 1 && map.Strides[axis] != 0)
            {
                return false;
            }
        }

        return true;
    }
}
