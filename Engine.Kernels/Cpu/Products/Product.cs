using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  Rows of A times columns of B, over panels. What is blocked here is memory; the order of every total is the micro-kernel's.
//

/// <summary>The loops around the micro-kernel.</summary>
internal static unsafe class Product
{
    /// <summary>Floats of scratch that one worker needs: a tile of totals, room for totals between blocks, and one panel of
    /// columns.</summary>
    internal const int WorkerFloats = (2 * TileFloats) + (int)(DepthAtOnce * 32);

    private const int TileFloats = 24 * 32;

    // Depth that is walked before the next tile, so that a panel of B and a group of A stay in the second-level cache. A multiple of the
    // block of 256; no part of the result.
    private const long DepthAtOnce = 1024;

    // Row panels that share a column panel while it is near.
    private const long RowPanelsAtOnce = 16;

    // Floats of packed operands that one pass over the batch may take.
    private const long PassFloats = 1 << 22;

    /// <summary>Multiplies the rows of each batch by its columns, as many batches at a time as scratch allows.</summary>
    internal static void Passes<F, TTotal, TSource, TStore>(
        KernelRun run, Factor<F, TSource> left, Factor<F, TSource> right, float alpha, TStore store)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
        where TSource : struct, ISource
        where TStore : struct, IStore
    {
        long perBatch = left.PackedFloats(asRows: true) + right.PackedFloats(asRows: false);
        long pass = Math.Clamp(PassFloats / Math.Max(1, perBatch), 1, left.Batches);
        for (long first = 0; first < left.Batches; first += pass)
        {
            long count = Math.Min(pass, left.Batches - first);
            RowPanels[] rowPanels = left.Rows(run, first, count);
            ColumnPanels[] columnPanels = right.Columns(run, first, count);
            Multiply<F, TTotal, TStore>(run, rowPanels, columnPanels, first * left.Count, alpha, store);
        }
    }

    /// <summary>Multiplies all rows by all columns on the workers.</summary>
    /// <param name="run">The call.</param>
    /// <param name="left">Rows of each of several independent products.</param>
    /// <param name="right">Their columns.</param>
    /// <param name="origin">Output row of the first product's first row; the others follow.</param>
    /// <param name="alpha">Factor.</param>
    /// <param name="store">Outputs.</param>
    internal static void Multiply<F, TTotal, TStore>(
        KernelRun run, RowPanels[] left, ColumnPanels[] right, long origin, float alpha, TStore store)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
        where TStore : struct, IStore
    {
        long batches = left.Length;
        long rowPanels = left[0].Panels;
        long columnPanels = right[0].Panels;
        long rowGroups = (rowPanels + RowPanelsAtOnce - 1) / RowPanelsAtOnce;
        long wanted = run.Workers == 1 ? 1 : (run.Workers * 8L) + (rowGroups * batches) - 1;
        long columnGroups = Math.Clamp(wanted / Math.Max(1, rowGroups * batches), 1, Math.Max(1, columnPanels / 4));
        float* scratch = run.Rent<float>((long)run.Workers * WorkerFloats);
        Group? followers = run.Follow();
        run.For(batches * rowGroups * columnGroups, (chunk, worker) =>
        {
            (chunk, long columnGroup) = Math.DivRem(chunk, columnGroups);
            (long batch, long rowGroup) = Math.DivRem(chunk, rowGroups);
            long rowFrom = rowPanels * rowGroup / rowGroups;
            long rowTo = rowPanels * (rowGroup + 1) / rowGroups;
            long columnFrom = columnPanels * columnGroup / columnGroups;
            long columnTo = columnPanels * (columnGroup + 1) / columnGroups;
            Multiply<F, TTotal, TStore>(
                left[batch],
                rowFrom,
                rowTo,
                right[batch],
                columnFrom,
                columnTo,
                origin + (batch * left[batch].Rows),
                alpha,
                store,
                scratch + ((long)worker * WorkerFloats));
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
        });
    }

    /// <summary>Multiplies some row panels by some column panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply<F, TTotal, TStore>(
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
        where TTotal : struct, ITotal
        where TStore : struct, IStore
    {
        int atOnce = a.Rows <= 2 ? MicroKernel.PanelsAtOnce((int)a.Rows) : 1;
        float* tile = scratch + TileFloats;
        float* packed = tile + TileFloats;
        long depthAtOnce = b.Step != b.Width && rowTo - rowFrom == 1 ? MicroKernel.Block : DepthAtOnce;
        for (long k = 0; k == 0 || k < a.Depth; k += depthAtOnce)
        {
            long depth = Math.Min(depthAtOnce, a.Depth - k);
            bool begin = k == 0;
            bool last = k + depth == a.Depth;
            long step = 1;
            for (long panel = columnFrom; panel < columnTo; panel += step)
            {
                float* columnPanel = b.Panel(panel, out long columnStep);
                long column = panel * b.Width;
                bool wide = panel + atOnce <= columnTo && (panel + atOnce) * b.Width <= b.Columns;
                step = wide ? atOnce : 1;
                int columns = (int)Math.Min(step * b.Width, b.Columns - column);
                float* columnStart = columnPanel + (k * columnStep);
                if (columnStep != b.Width && rowTo - rowFrom > 1)
                {
                    // Columns that lie in place are brought together while several row panels need them.
                    ColumnPanels.CopyRows<F>(columnStart, columnStep, packed, depth);
                    columnStart = packed;
                    columnStep = b.Width;
                }

                for (long rowPanel = rowFrom; rowPanel < rowTo; rowPanel++)
                {
                    long row = a.First(rowPanel);
                    int rows = (int)(a.First(rowPanel + 1) - row);
                    float* c = store.Place(origin + row, column, out long stride);
                    bool direct = c != null && columns == step * b.Width;
                    if (!direct && !begin)
                    {
                        continue;
                    }

                    // A tile that is not in place is walked in full depth, once.
                    c = direct ? c : tile;
                    stride = direct ? stride : step * b.Width;
                    long walk = direct ? depth : a.Depth;
                    if (begin && !store.Fresh)
                    {
                        store.Begin(origin + row, column, rows, columns, c, stride);
                    }

                    Totals totals = new((nint)c, stride, (nint)scratch, alpha, begin && store.Fresh, !direct || last);
                    float* rowStart = a.Panel(rowPanel) + (k * rows);
                    if (walk == 0)
                    {
                        totals.Untouched<F, TTotal>(rows, (int)step);
                    }
                    else if (step > 1)
                    {
                        MicroKernel.RunWide<F, TTotal>(rows, rowStart, columnStart, columnStep, b.Stride, walk, totals);
                    }
                    else
                    {
                        MicroKernel.Run<F, TTotal>(rows, rowStart, columnStart, columnStep, walk, totals);
                    }

                    if (!direct)
                    {
                        store.End(origin + row, column, rows, columns, tile, stride);
                    }
                }
            }
        }
    }
}
