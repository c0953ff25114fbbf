using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  Rows of A times columns of B, over panels. What is blocked here is memory; the order of every total is the micro-kernel's.
//

/// <summary>The loops around the micro-kernel.</summary>
internal static unsafe class Product
{
    /// <summary>Floats of scratch that one worker needs where columns are packed.</summary>
    internal const int WorkerFloats = ZeroFloats + (2 * TileFloats);

    // A row of +0, as wide as the widest tile; a tile.
    private const int ZeroFloats = 8 * 16;
    private const int TileFloats = 12 * 32;

    // Depth that is walked before the next tile, so that a panel of B and a group of A stay in the second-level cache. A multiple of the
    // block of 256; no part of the result.
    private const long DepthAtOnce = 1024;

    // Row panels that share a column panel while it is near.
    private const long RowPanelsAtOnce = 96;

    // Outputs of a chunk, so that they are near when it is done.
    private const long OutputsAtOnce = 1 << 17;

    // Multiply-adds that are worth a chunk of their own.
    private const long WorkAtOnce = 1 << 19;

    // Floats of packed operands that one pass over the batch may take.
    private const long PassFloats = 1 << 22;

    /// <summary>Multiplies the rows of each batch by its columns, as many batches at a time as scratch allows.</summary>
    internal static void Passes<F, TSource, TColumns, TStore>(
        KernelRun run, Factor<F, TSource> left, Factor<F, TColumns> right, float alpha, TStore store)
        where F : unmanaged, IFloats<F>
        where TSource : struct, ISource
        where TColumns : struct, ISource
        where TStore : struct, IStore
    {
        long perBatch = left.RowFloats + right.ColumnFloats;
        long pass = Math.Clamp(PassFloats / Math.Max(1, perBatch), 1, left.Batches);
        for (long first = 0; first < left.Batches; first += pass)
        {
            long count = Math.Min(pass, left.Batches - first);
            RowPanels[] rowPanels = left.Rows(run, first, count);
            ColumnPanels[] columnPanels = right.Columns(run, first, count);
            Multiply<F, TStore>(run, rowPanels, columnPanels, first * left.Count, alpha, store);
        }
    }

    /// <summary>Multiplies all rows by all columns on the workers.</summary>
    /// <param name="run">The call.</param>
    /// <param name="left">Rows of each of several independent products.</param>
    /// <param name="right">Their columns.</param>
    /// <param name="origin">Output row of the first product's first row; the others follow.</param>
    /// <param name="alpha">Factor.</param>
    /// <param name="store">Outputs.</param>
    internal static void Multiply<F, TStore>(
        KernelRun run, RowPanels[] left, ColumnPanels[] right, long origin, float alpha, TStore store)
        where F : unmanaged, IFloats<F>
        where TStore : struct, IStore
    {
        long batches = left.Length;
        long rowPanels = left[0].Panels;
        long columnPanels = right[0].Panels;
        bool whole = right[0].ArePacked;
        long rowGroups = (rowPanels + RowPanelsAtOnce - 1) / RowPanelsAtOnce;
        long rowsAtOnce = Math.Max(1, left[0].Rows / Math.Max(1, rowGroups));
        long columnGroups = Math.Clamp(rowsAtOnce * right[0].Columns / OutputsAtOnce, 1, Math.Max(1, columnPanels / 2));
        if (right[0].Codes is not null && rowPanels == 1 && left[0].Rows > ScaledColumns.MaxRows)
        {
            // A panel is read from end to end, not a stretch of each.
            columnGroups = columnPanels;
        }

        long work = batches * left[0].Rows * right[0].Columns * Math.Max(1, left[0].Depth);
        if (run.Workers > 1)
        {
            // Small chunks let the workers end together.
            long wanted = Math.Clamp(work / WorkAtOnce, 1, run.Workers * 8L) / Math.Max(1, batches * rowGroups);
            columnGroups = Math.Max(columnGroups, Math.Min(columnPanels, wanted));
            rowGroups = Math.Max(rowGroups, Math.Min(rowPanels, wanted / Math.Max(1, columnGroups)));
        }

        long own = WorkerFloats + (whole ? 0 : Gathered<TStore>(store, left[0].Depth, right[0].Width));
        float* scratch = run.Rent<float>(run.Workers * own);
        Group? followers = run.Follow();
        run.For(batches * rowGroups * columnGroups, (chunk, worker) =>
        {
            (chunk, long columnGroup) = Math.DivRem(chunk, columnGroups);
            (long batch, long rowGroup) = Math.DivRem(chunk, rowGroups);
            long rowFrom = rowPanels * rowGroup / rowGroups;
            long rowTo = rowPanels * (rowGroup + 1) / rowGroups;
            long columnFrom = columnPanels * columnGroup / columnGroups;
            long columnTo = columnPanels * (columnGroup + 1) / columnGroups;
            Multiply<F, TStore>(
                left[batch],
                rowFrom,
                rowTo,
                right[batch],
                columnFrom,
                columnTo,
                origin + (batch * left[batch].Rows),
                alpha,
                store,
                scratch + (worker * own));
            if (followers is not null)
            {
                long row = left[batch].First(rowFrom);
                long columns = right[batch].Columns;
                long column = columnFrom * right[batch].Width;
                followers.Rows(
                    ((origin + (batch * left[batch].Rows) + row) * columns) + column,
                    left[batch].First(rowTo) - row,
                    columns,
                    Math.Min(columnTo * right[batch].Width, columns) - column,
                    worker);
            }
        }, alone: work < WorkAtOnce);
    }

    /// <summary>Multiplies some row panels by some column panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply<F, TStore>(
        RowPanels a,
        long rowFrom,
        long rowTo,
        ColumnPanels b,
        long columnFrom,
        long columnTo,
        long origin,
        float alpha,
        TStore store,
        float* scratch)
        where F : unmanaged, IFloats<F>
        where TStore : struct, IStore
    {
        for (int vector = 0; vector < 8; vector++)
        {
            F.Store(scratch + (vector * F.Lanes), default);
        }

        float* between = scratch + ZeroFloats;
        float* tile = between + TileFloats;
        float* gathered = tile + TileFloats;
        bool asCodes = b.Codes is not null && a.Rows <= ScaledColumns.MaxRows;
        int atOnce = asCodes ? ScaledColumns.PanelsAtOnce : a.Rows <= 3 ? MicroKernel.PanelsAtOnce((int)a.Rows) : 1;
        bool gather = !asCodes && !b.ArePacked && (b.Across != 1 || rowTo - rowFrom > 1);
        long depthAtOnce = !b.ArePacked && rowTo - rowFrom == 1 ? MicroKernel.Block : DepthAtOnce;
        if (asCodes || store.Place(origin, 0, out _) == null)
        {
            depthAtOnce = Math.Max(1, a.Depth);
        }

        for (long k = 0; k == 0 || k < a.Depth; k += depthAtOnce)
        {
            long depth = Math.Min(depthAtOnce, a.Depth - k);
            long step = 1;
            for (long panel = columnFrom; panel < columnTo; panel += step)
            {
                long column = panel * b.Width;
                step = panel + atOnce <= columnTo && (panel + atOnce) * b.Width <= b.Columns ? atOnce : 1;
                int columns = (int)Math.Min(step * b.Width, b.Columns - column);
                bool ragged = columns < step * b.Width;
                float* columnStart = b.Panel(panel) + (k * b.Step);
                long columnStep = b.Step;
                long columnStride = b.Stride;
                if (gather || (ragged && !b.ArePacked && !asCodes))
                {
                    for (int i = 0; i < step; i++)
                    {
                        if (b.Codes is not null)
                        {
                            ScaledColumns.Widen<F>(b.Codes, b.Panel(panel + i), k, depth, gathered + (i * depth * b.Width));
                            continue;
                        }

                        int there = Math.Min(columns - (i * b.Width), b.Width);
                        Packing.Columns<F>(columnStart + (i * b.Stride), b.Step, b.Across, there, gathered + (i * depth * b.Width), depth);
                    }

                    columnStart = gathered;
                    columnStep = b.Width;
                    columnStride = depth * b.Width;
                }

                long row = a.First(rowFrom);
                for (long rowPanel = rowFrom; rowPanel < rowTo; rowPanel++)
                {
                    long next = a.First(rowPanel + 1);
                    int rows = (int)(next - row);
                    float* c = store.Place(origin + row, column, out long stride);
                    bool direct = c != null && !ragged;
                    if (!direct)
                    {
                        c = tile;
                        stride = step * b.Width;
                    }

                    bool fresh = k == 0 && store.Fresh;
                    if (k > 0 && !direct)
                    {
                        Again(store, origin + row, column, rows, columns, c, stride);
                    }
                    else if (k == 0 && !fresh)
                    {
                        store.Begin(origin + row, column, rows, columns, c, stride);
                    }

                    Totals totals = new((nint)c, stride, (nint)(fresh ? scratch : c), fresh ? 0 : stride, (nint)between, alpha);
                    float* rowStart = a.Row(row) + k;
                    if (depth == 0)
                    {
                        Untouched<F>(rows, (int)step, totals);
                    }
                    else if (asCodes)
                    {
                        ScaledColumns.Rows<F>(b.Codes!, step, rows, rowStart, a.Stride, columnStart, columnStride, totals);
                    }
                    else if (b.Type == DType.F16)
                    {
                        Tile<F, HalfColumns>(rows, rowStart, a.Stride, columnStart, columnStep, step, columnStride, depth, totals);
                    }
                    else if (b.Type == DType.BF16)
                    {
                        Tile<F, BFloatColumns>(rows, rowStart, a.Stride, columnStart, columnStep, step, columnStride, depth, totals);
                    }
                    else
                    {
                        Tile<F, SingleColumns>(rows, rowStart, a.Stride, columnStart, columnStep, step, columnStride, depth, totals);
                    }

                    if (!direct)
                    {
                        store.End(origin + row, column, rows, columns, c, stride);
                    }

                    row = next;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<F, TColumns>(
        int rows, float* a, long stride, float* b, long step, long panels, long panel, long depth, in Totals totals)
        where F : unmanaged, IFloats<F>
        where TColumns : struct, IColumns
    {
        if (panels > 1)
        {
            MicroKernel.RunWide<F, TColumns>(rows, a, stride, b, step, panel, depth, totals);
        }
        else
        {
            MicroKernel.Run<F, TColumns>(rows, a, stride, b, step, depth, totals);
        }
    }

    // Totals of a contraction of length 0: what they start from.
    private static void Untouched<F>(int rows, int panels, in Totals totals)
        where F : unmanaged, IFloats<F>
    {
        for (int row = 0; row < rows; row++)
        {
            float* from = (float*)totals.Start + (row * totals.StartStride);
            float* to = (float*)totals.C + (row * totals.Stride);
            for (int vector = 0; vector < 2 * panels; vector++)
            {
                F.Store(to + (vector * F.Lanes), F.Canonical(F.Load(from + (vector * F.Lanes))));
            }
        }
    }

    // Reads back totals that End took before they were complete.
    private static void Again<TStore>(TStore store, long row, long column, int rows, int columns, float* totals, long stride)
        where TStore : struct, IStore
    {
        for (int i = 0; i < rows; i++)
        {
            Unsafe.CopyBlockUnaligned(totals + (i * stride), store.Place(row + i, column, out _), (uint)(columns * sizeof(float)));
        }
    }

    /// <summary>Floats of scratch that a worker needs to multiply by columns, packed or not.</summary>
    internal static long ScratchFloats<TStore>(TStore store, long depth, int width)
        where TStore : struct, IStore => WorkerFloats + Gathered(store, depth, width);

    // Floats of columns that a chunk brings together at a time: one panel, or as many as few rows take at once where a single row panel goes block
    // by block, or all the way where totals have no place to wait.
    private static long Gathered<TStore>(TStore store, long depth, int width)
        where TStore : struct, IStore
        => (store.Place(0, 0, out _) == null
            ? depth * MicroKernel.PanelsAtOnce(1)
            : Math.Max(Math.Min(depth, DepthAtOnce), MicroKernel.Block * MicroKernel.PanelsAtOnce(1))) * width;
}
