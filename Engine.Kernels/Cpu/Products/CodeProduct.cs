using System;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>The loop around the tiles of a product of codes.</summary>
internal static unsafe class CodeProduct
{
    /// <summary>Scratch that one worker needs, in int32.</summary>
    internal const int WorkerInts = MostTotals + (MostRows * CodeTile.Width);

    /// <summary>Most rows of a call of <see cref="Rows"/>: their part of A stays in the second-level cache.</summary>
    internal const int MostRows = 112;

    private const int MostTotals = MostRows * 2 * CodeTile.Width;

    /// <summary>Computes some rows of some panels.</summary>
    /// <param name="panels">B.</param>
    /// <param name="batch">Which batch of it.</param>
    /// <param name="zeros">What zero points take off.</param>
    /// <param name="totals">What becomes of the totals.</param>
    /// <param name="tile">A's first row of them, and how its rows and segments lie; the rest is filled in.</param>
    /// <param name="row">Its number.</param>
    /// <param name="panelFrom">First panel.</param>
    /// <param name="panelTo">Behind the last.</param>
    /// <param name="y">Where that row's column 0 goes.</param>
    /// <param name="scratch">Of this worker.</param>
    internal static void Rows<F>(
        CodePanels panels,
        long batch,
        CodeZeros zeros,
        CodeTotals totals,
        CodeTile tile,
        long row,
        long panelFrom,
        long panelTo,
        byte* y,
        int* scratch)
        where F : unmanaged, IFloats<F>
    {
        int rows = (int)tile.Rows;
        int* sums = scratch + MostTotals;
        if (zeros.ZerosB != null)
        {
            tile.B = zeros.Ones;
            tile.Start = zeros.None;
            tile.C = sums;
            tile.Stride = CodeTile.Width;
            tile.Panels = 1;
            CodeTiles.Run(F.Lanes, &tile);
        }

        long atOnce = Math.Max(2, MostTotals / CodeTile.Width / Math.Max(1, rows) / 2 * 2);
        int* start = zeros.Start + (batch * zeros.Room);
        tile.Panel = (nint)panels.PanelBytes;
        for (long panel = panelFrom; panel < panelTo; panel += tile.Panels)
        {
            long column = panel * CodeTile.Width;
            long whole = totals.IsDirect ? Math.Min(panelTo, panels.Columns / CodeTile.Width) - panel : 0;
            tile.Panels = (nint)(whole > 0 ? whole : Math.Min(atOnce, panelTo - panel));
            tile.B = panels.Batch(batch) + (panel * panels.PanelBytes);
            tile.Start = start + column;
            tile.C = whole > 0 ? (int*)y + column : scratch;
            tile.Stride = whole > 0 ? (nint)totals.Stride : tile.Panels * CodeTile.Width;
            CodeTiles.Run(F.Lanes, &tile);
            if (whole <= 0)
            {
                int columns = (int)Math.Min(tile.Stride, panels.Columns - column);
                totals.Store<F>(scratch, (int)tile.Stride, sums, row, rows, column, columns, y);
            }
        }
    }
}
