using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Some kernels over the positions of a rectangle of outputs.</summary>
internal unsafe struct Sweep<F, TTotal, TStore>
    where F : unmanaged, IFloats<F>
    where TTotal : struct, ITotal
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
        for (long vector = 0; vector < vectors; vector += 2)
        {
            long left = Place(vector, byRows, perRow, line, out long leftAt);
            long right = Place(Math.Min(vector + 1, vectors - 1), byRows, perRow, line, out long rightAt);
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
                WindowKernel.Run<F, TTotal>(rows, panels + (row * Depth), At, Windows + left, Windows + right, Depth, totals);
                if (!direct)
                {
                    Deliver(store, origin + row, rows, left, tile);
                    if (vector + 1 < vectors)
                    {
                        Deliver(store, origin + row, rows, right, tile + F.Lanes);
                    }
                }
            }
        }
    }

    // Position of a vector, and the output of its first lane.
    private readonly long Place(long vector, bool byRows, long perRow, long line, out long at)
    {
        if (!byRows)
        {
            at = 0;
            return Math.Min(vector * F.Lanes, Math.Max(0, line - F.Lanes));
        }

        (long row, long part) = Math.DivRem(vector, perRow);
        long column = Math.Min(part * F.Lanes, Columns - F.Lanes);
        at = First + (row * Width) + column;
        return (row * Pitch) + column;
    }

    // From a tile to the outputs: one piece for each row of outputs that the vector touches.
    private readonly void Deliver(TStore store, long channel, int rows, long position, float* tile)
    {
        (long row, long column) = Math.DivRem(position, Pitch);
        for (long lane = 0; lane < F.Lanes && row < Rows; row++)
        {
            long count = Math.Min(F.Lanes - lane, Columns - column);
            if (count > 0)
            {
                store.End(channel, First + (row * Width) + column, rows, (int)count, tile + lane, TileStride);
            }

            lane += Pitch - column;
            column = 0;
        }
    }
}
