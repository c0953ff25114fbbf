using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Products;

/// <summary>Matrices of a map [batch.., rows, columns]: steps of rows and columns, and of the batch as one or two axes.</summary>
/// <param name="Offset">The first element.</param>
/// <param name="Row">From row to row; 0 where there is one.</param>
/// <param name="Column">From column to column; 0 where there is one.</param>
/// <param name="Batch">Merged axes of the batch, outermost first; none where it is one matrix.</param>
internal sealed record Rows(long Offset, long Row, long Column, IReadOnlyList<(long Extent, long Stride)> Batch)
{
    internal static Rows Of(AffineView map)
    {
        int rank = map.Shape.Rank;
        AffineView batch = new(new Shape(map.Shape.Extents[..^2]), 0, map.Strides[..^2]);
        List<(long Extent, long Stride)> axes = AffineCopy.Merge(batch);
        return new Rows(
            map.Offset,
            map.Shape[rank - 2] == 1 ? 0 : map.Strides[rank - 2],
            map.Shape[rank - 1] == 1 ? 0 : map.Strides[rank - 1],
            batch.Shape.Elements == 1 ? [] : axes);
    }

    /// <summary>The extent of the inner axis of the batch that most operands can share: that of an operand whose batch has two axes, or 1.</summary>
    internal static long InnerOf(IEnumerable<Rows> operands)
        => operands.Where(rows => rows.Batch.Count == 2).Select(rows => rows.Batch[1].Extent).FirstOrDefault(1);

    /// <summary>Whether two steps say where each matrix lies: one for each full turn of the inner axis, one within.</summary>
    internal bool Fits(long inner) => Batch.Count < 2 || (Batch.Count == 2 && Batch[1].Extent == inner);

    /// <summary>The two steps.</summary>
    internal (long Outer, long Inner) Steps(long inner) => Batch.Count switch
    {
        0 => (0, 0),
        1 => (Batch[0].Stride * inner, Batch[0].Stride),
        _ => (Batch[0].Stride, Batch[1].Stride),
    };
}

/// <summary>Matrices as Texts/Dot.cl finds them: number b begins at <c>Origin + b / inner · Outer + b % inner · Inner</c>.</summary>
/// <param name="Buffer">What they lie in.</param>
/// <param name="Origin">The first element.</param>
/// <param name="Row">From row to row.</param>
/// <param name="Column">From column to column.</param>
/// <param name="Outer">From turn to turn of the batch's inner axis.</param>
/// <param name="Inner">Within a turn.</param>
internal sealed record Matrices(GpuBuffer Buffer, long Origin, long Row, long Column, long Outer, long Inner)
{
    internal static Matrices Of(GpuBuffer buffer, Rows rows, long inner)
    {
        (long outer, long within) = rows.Steps(inner);
        return new Matrices(buffer, rows.Offset, rows.Row, rows.Column, outer, within);
    }

    /// <summary>Operands of a run as they lie; one whose batch has more axes than two is copied.</summary>
    /// <param name="run">The run.</param>
    /// <param name="slots">Which operands.</param>
    /// <param name="inner">The extent of the batch's inner axis.</param>
    internal static Matrices[] Of(GpuRun run, IEnumerable<int> slots, out int inner)
    {
        (int Slot, Rows Rows)[] operands = [.. slots.Select(slot => (slot, Rows.Of(run.Operand(slot).Map)))];
        long shared = Rows.InnerOf(operands.Select(operand => operand.Rows));
        inner = (int)shared;
        return
        [
            .. operands.Select(operand => operand.Rows.Fits(shared)
                ? Of(run.Source(operand.Slot), operand.Rows, shared)
                : Copied(run, operand.Slot, shared)),
        ];
    }

    private static Matrices Copied(GpuRun run, int slot, long inner)
    {
        Operand operand = run.Operand(slot);
        GpuBuffer copy = run.Rent(operand.Type.Bytes);
        Ops.Copy.Run(run, run.Source(slot), operand.Map, operand.Type.DType.Size(), copy, 0);
        return Of(copy, Rows.Of(AffineView.Identity(operand.Type.Shape)), inner);
    }

    /// <summary>With rows for columns.</summary>
    internal Matrices Turned => this with { Row = Column, Column = Row };

    /// <summary>Whether the nearer neighbours are those of a row.</summary>
    internal bool IsAlongColumns => Column == 1 || (Row != 1 && Math.Abs(Column) < Math.Abs(Row));

    /// <summary>Whether these neighbours lie beside each other, and every fourth of them at a multiple of four.</summary>
    internal bool IsWide => (IsAlongColumns ? Column == 1 && Row % 4 == 0 : Row == 1 && Column % 4 == 0)
        && Origin % 4 == 0 && Outer % 4 == 0 && Inner % 4 == 0;
}
