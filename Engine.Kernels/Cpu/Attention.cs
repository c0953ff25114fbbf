using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu;

//
//  Same bits as Dot, elementwise ops, Softmax and Dot one after another: each row of scores is made, weighed and used while it is near, and never stored.
//

/// <summary>Scores, weights and weighted sums, some rows at a time.</summary>
internal static unsafe class Attention
{
    // Floats of scores that a worker holds at a time, and of packed keys and values that one pass over the batch may take.
    private const long ScoreFloats = 1 << 15;
    private const long PassFloats = 1 << 22;

    // Multiply-adds that are not worth another worker.
    private const long WorkAlone = 1 << 19;

    internal static bool Run<F>(KernelRun run, Engine.Ops.Dot op, Scores scores)
        where F : unmanaged, IFloats<F>
    {
        float alpha = ((Engine.Ops.Dot)scores.Dot.Call.Node.Op).Alpha;
        Factor<F, SingleSource> queries = Side<F>(scores.Dot, 0);
        Factor<F, SingleSource> keys = Side<F>(scores.Dot, 1);
        Factor<F, SingleSource> values = Side<F>(run, 1);
        long perBatch = queries.RowFloats + (keys.Count * run.Call.Inputs[1].Type.Shape[^1]) + values.ColumnFloats;
        long pass = Math.Clamp(PassFloats / Math.Max(1, perBatch), 1, queries.Batches);
        for (long first = 0; first < queries.Batches; first += pass)
        {
            long count = Math.Min(pass, queries.Batches - first);
            RowPanels[] rows = queries.Rows(run, first, count);
            ColumnPanels[] columns = keys.Columns(run, first, count, again: rows[0].Panels > 1);
            Pass<F>(run, scores.Between, rows, columns, values.Columns(run, first, count, again: false), first * queries.Count, alpha, op.Alpha);
        }

        return true;
    }

    private static void Pass<F>(
        KernelRun run, Group? between, RowPanels[] rows, ColumnPanels[] keys, ColumnPanels[] values, long origin, float scale, float alpha)
        where F : unmanaged, IFloats<F>
    {
        long n = keys[0].Columns;
        long width = values[0].Columns;
        long panels = rows[0].Panels;
        long most = Math.Max(1, ScoreFloats / (n * Math.Max(1, rows[0].First(1))));
        long groups = Math.Max((panels + most - 1) / most, Math.Min(panels, run.Workers == 1 ? 1 : run.Workers * 4L / rows.Length));
        long tall = ((panels + groups - 1) / groups * rows[0].First(1)) + 1;
        SingleStore output = new(run.Output<float>(0), width, null);
        long product = Product.ScratchFloats(output, Math.Max(rows[0].Depth, n), keys[0].Width);
        long own = product + (tall * (n + 2));
        float* scratch = run.Rent<float>(run.Workers * own);
        Group? followers = run.Follow();
        run.For(rows.Length * groups, (chunk, worker) =>
        {
            (long batch, long group) = Math.DivRem(chunk, groups);
            long from = panels * group / groups;
            long to = panels * (group + 1) / groups;
            long row = rows[batch].First(from);
            long count = rows[batch].First(to) - row;
            float* room = scratch + (worker * own);
            float* block = room + product;
            SingleStore store = new(block - (row * n), n, null);
            Product.Multiply<F, SingleStore>(rows[batch], from, to, keys[batch], 0, keys[batch].Panels, 0, scale, store, room);
            long at = origin + (batch * rows[batch].Rows) + row;
            between?.Rows(at * n, count, n, n, worker, (nint)(block - (at * n)));
            float* maxima = block + (tall * n);
            Ops.Softmax.Rows<F>(logarithm: false, block, block, null, (int)n, (int)count, maxima, maxima + tall);
            RowPanels weights = RowPanels.Of<F>(block, count, n, n);
            Product.Multiply<F, SingleStore>(
                weights, 0, weights.Panels, values[batch], 0, values[batch].Panels, at, alpha, output, room);
            followers?.Rows(at * width, count, width, width, worker);
        }, alone: rows.Length * rows[0].Rows * n * (rows[0].Depth + width) < WorkAlone);
    }

    private static Factor<F, SingleSource> Side<F>(KernelRun run, int slot)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[slot];
        int axes = operand.Type.Shape.Rank - 2;
        return new Factor<F, SingleSource>(
            new SingleSource(run.Pointer<float>(operand)),
            Lines.Of(operand.Map),
            operand.Type.Shape[^2],
            operand.Type.Shape.Product(0, axes),
            operand.Parameter,
            ("in place", operand.Map));
    }
}
