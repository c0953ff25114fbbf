using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Rows of A times rows of B, plus C, in f32.</summary>
internal static class Dot
{
    private const int Tile = 64;
    private const int MostGroups = 65535;

    internal static GpuOp? Of(NodeCall call, Engine.Ops.Dot op)
    {
        if (call.Inputs[0].Type.DType != DType.F32)
        {
            return null;
        }

        Shape shape = call.Node.Outputs[0].Shape;
        long batch = shape.Product(0, shape.Rank - 2);
        long m = shape[^2];
        return batch > MostGroups || (m + Tile - 1) / Tile > MostGroups ? null : run => Run(run, op);
    }

    private static void Run(GpuRun run, Engine.Ops.Dot op)
    {
        Shape shape = run.Type(0).Shape;
        int batch = (int)shape.Product(0, shape.Rank - 2);
        Rows[] rows = [.. Enumerable.Range(0, run.Operands).Select(slot => Rows.Of(run.Operand(slot).Map))];
        long inner = Rows.InnerOf(rows);
        GpuBuffer[] sources = new GpuBuffer[3];
        for (int slot = 0; slot < run.Operands; slot++)
        {
            if (rows[slot].Fits(inner))
            {
                sources[slot] = run.Source(slot);
            }
            else
            {
                sources[slot] = run.Rent(run.Operand(slot).Type.Bytes);
                Copy.Run(run, run.Source(slot), run.Operand(slot).Map, sizeof(float), sources[slot], 0);
                rows[slot] = Rows.Of(AffineView.Identity(run.Operand(slot).Type.Shape));
            }
        }

        Rows a = rows[0];
        Rows b = rows[1];
        Rows? c = run.Operands == 3 ? rows[2] : null;
        (long aOuter, long aInner) = a.Steps(inner);
        (long bOuter, long bInner) = b.Steps(inner);
        (long cOuter, long cInner) = c?.Steps(inner) ?? (0, 0);
        run.Launch(
            "Dot",
            "dot_f32",
            new GpuGrid((shape[^1] + Tile - 1) / Tile, (int)((shape[^2] + Tile - 1) / Tile), batch),
            [
                sources[0], sources[1], c is null ? sources[0] : sources[2], run.Output(0),
                (int)shape[^2], (int)shape[^1], (int)run.Operand(0).Type.Shape[^1], op.Alpha, op.Beta, c is null ? 0 : 1,
                a.Offset, a.Row, a.Column, b.Offset, b.Row, b.Column, c?.Offset ?? 0, c?.Row ?? 0, c?.Column ?? 0,
                (int)inner, aOuter, aInner, bOuter, bInner, cOuter, cInner,
            ]);
    }
}

/// <summary>Matrices of a map [batch.., rows, columns]: steps of rows and columns, and of the batch as one or two axes.</summary>
/// <param name="Offset">The first element.</param>
/// <param name="Row">From row to row.</param>
/// <param name="Column">From column to column.</param>
/// <param name="Batch">Merged axes of the batch, outermost first; none where it is one matrix.</param>
internal sealed record Rows(long Offset, long Row, long Column, IReadOnlyList<(long Extent, long Stride)> Batch)
{
    internal static Rows Of(AffineView map)
    {
        int rank = map.Shape.Rank;
        AffineView batch = new(new Shape(map.Shape.Extents[..^2]), 0, map.Strides[..^2]);
        List<(long Extent, long Stride)> axes = AffineCopy.Merge(batch);
        return new Rows(map.Offset, map.Strides[rank - 2], map.Strides[rank - 1], batch.Shape.Elements == 1 ? [] : axes);
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
