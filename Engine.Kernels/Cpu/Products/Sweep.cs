using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Some kernels over the positions of a rectangle of outputs.</summary>
internal unsafe struct Sweep<F, TStore>
    where F : unmanaged, IFloats<F>
    where TStore : struct, IStore
{
    /// <summary>Floats of scratch.</summary>
    internal const long Floats = WindowKernel.BetweenFloats + (14 * TileStride) + Band.Slack;

    // Two vectors, and room to read past them.
    private const int TileStride = 48;

    // Elements beyond a vector whose copying costs as much as one k of a vector's sums.
    private const long CopyCost = 8;

    /// <summary>Offset of each k from a position.</summary>
    internal long* At;

    /// <summary>Length of the contraction.</summary>
    internal long Depth;

    /// <summary>Position of the first output.</summary>
    internal float* Windows;

    /// <summary>From a position to the one below it.</summary>
    internal long Pitch;

    /// <summary>Rows of outputs.</summary>
    internal long Rows;

    /// <summary>Outputs of a row.</summary>
    internal long Columns;

    /// <summary>Index of the first output in its plane.</summary>
    internal long First;

    /// <summary>Outputs of a row of the plane.</summary>
    internal long Width;

    /// <summary>What the totals of each row of kernels start from.</summary>
    internal float* Starts;

    /// <summary>Scratch.</summary>
    internal float* Scratch;

    /// <summary>Nothing may be read beyond the last window.</summary>
    internal bool InPlace;

    /// <summary>Completes the outputs of some row panels.</summary>
    /// <param name="first">First row of a panel.</param>
    /// <param name="panels">Row panels.</param>
    /// <param name="from">First panel.</param>
    /// <param name="to">The one after the last.</param>
    /// <param name="origin">Row of the store of the group's first kernel.</param>
    /// <param name="store">Outputs.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal readonly void Run(Func<long, long> first, float* panels, long from, long to, long origin, TStore store)
    {
        float* tile = Scratch + WindowKernel.BetweenFloats;
        long perRow = (Columns + F.Lanes - 1) / F.Lanes;
        long line = ((Rows - 1) * Pitch) + Columns;
        long inLine = (line + F.Lanes - 1) / F.Lanes;
        bool byRows = Columns >= F.Lanes && (perRow * Rows * Depth <= inLine * (Depth + CopyCost) || (InPlace && line < F.Lanes));
        long vectors = byRows ? perRow * Rows : inLine;
        Piece* pieces = stackalloc Piece[2 * F.Lanes];
        Place place = default;
        for (long vector = 0; vector < vectors; vector += 2)
        {
            bool two = vector + 1 < vectors;
            (long left, long leftAt) = Next(byRows, line, ref place);
            (long right, long rightAt) = two ? Next(byRows, line, ref place) : (left, leftAt);
            int number = 0;
            if (!byRows || store.Place(origin, 0, out _) == null)
            {
                number = Cut(left, 0, pieces);
                number += two ? Cut(right, F.Lanes, pieces + number) : 0;
            }

            for (long panel = from; panel < to; panel++)
            {
                long row = first(panel);
                int rows = (int)(first(panel + 1) - row);
                float* y = store.Place(origin + row, 0, out long stride);
                bool direct = byRows && y != null;
                WindowTotals totals = new(
                    (nint)(direct ? y + leftAt : tile),
                    direct ? stride : TileStride,
                    (nint)(direct ? y + rightAt : tile + F.Lanes),
                    direct ? stride : TileStride,
                    (nint)(Starts + row),
                    (nint)Scratch);
                float* a = panels + (row * Depth);
                if (two)
                {
                    WindowKernel.Run<F, Two>(rows, a, At, Windows + left, Windows + right, Depth, totals);
                }
                else
                {
                    WindowKernel.Run<F, One>(rows, a, At, Windows + left, Windows + right, Depth, totals);
                }

                for (int i = 0; i < number; i++)
                {
                    if (y == null)
                    {
                        store.End(origin + row, pieces[i].At, rows, (int)pieces[i].Count, tile + pieces[i].Lane, TileStride);
                        continue;
                    }

                    Deliver(tile + pieces[i].Lane, y + pieces[i].At, stride, rows, pieces[i].Count);
                }
            }
        }
    }

    // Position of the next vector, and, by rows, the output of its first lane.
    private readonly (long Position, long At) Next(bool byRows, long line, ref Place place)
    {
        if (!byRows)
        {
            long next = place.Column;
            place.Column += F.Lanes;
            return (Math.Min(next, Math.Max(0, line - F.Lanes)), 0);
        }

        long column = Math.Min(place.Column, Columns - F.Lanes);
        long row = place.Row;
        place.Column += F.Lanes;
        if (place.Column >= Columns)
        {
            place.Column = 0;
            place.Row++;
        }

        return ((row * Pitch) + column, First + (row * Width) + column);
    }

    // One piece for each row of outputs that a vector touches.
    private readonly int Cut(long position, long lane, Piece* pieces)
    {
        int number = 0;
        long end = lane + F.Lanes;
        (long row, long column) = Math.DivRem(position, Pitch);
        for (; lane < end && row < Rows; row++)
        {
            long count = Math.Min(end - lane, Columns - column);
            if (count > 0)
            {
                pieces[number++] = new(lane, count, First + (row * Width) + column);
            }

            lane += Pitch - column;
            column = 0;
        }

        return number;
    }

    // From a tile to the outputs, in as few moves as the elements take.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Deliver(float* tile, float* y, long stride, int rows, long count)
    {
        for (; rows > 0; rows--)
        {
            if (count >= 8)
            {
                Floats8.Store(y, Floats8.Load(tile));
                Floats8.Store(y + count - 8, Floats8.Load(tile + count - 8));
            }
            else if (count >= 4)
            {
                Floats4.Store(y, Floats4.Load(tile));
                Floats4.Store(y + count - 4, Floats4.Load(tile + count - 4));
            }
            else
            {
                for (long i = 0; i < count; i++)
                {
                    y[i] = tile[i];
                }
            }

            tile += TileStride;
            y += stride;
        }
    }

    private struct Place
    {
        internal long Row;
        internal long Column;
    }

    /// <summary>Lanes of a tile's row that are outputs of one row.</summary>
    private readonly record struct Piece(long Lane, long Count, long At);
}
