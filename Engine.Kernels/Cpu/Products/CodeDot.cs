using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>How the totals of a product become codes.</summary>
/// <param name="ScalesA">Scales of the rows of A.</param>
/// <param name="ScalesB">Scales of the rows of B.</param>
/// <param name="Scale">Of the output.</param>
/// <param name="Zero">Zero point of the output.</param>
internal sealed record Requantisation(Operand ScalesA, Operand ScalesB, Operand Scale, Operand Zero);

/// <summary>Rows of codes A [batch.., M, K] times rows of codes B [batch.., N, K].</summary>
internal static unsafe class CodeDot
{
    /// <summary>Fills the output of the call.</summary>
    /// <param name="run">The call.</param>
    /// <param name="a">A.</param>
    /// <param name="zerosA">Zero points of its rows.</param>
    /// <param name="b">B.</param>
    /// <param name="zerosB">Zero points of its rows.</param>
    /// <param name="by">How totals become codes; null: they are the output.</param>
    internal static void Run<F>(KernelRun run, Operand a, Operand zerosA, Operand b, Operand zerosB, Requantisation? by)
        where F : unmanaged, IFloats<F>
    {
        TensorType type = run.Call.Node.Outputs[0];
        Shape shape = type.Shape;
        if (shape.Elements == 0)
        {
            return;
        }

        // One B for the whole batch: the batch is more rows.
        int batchAxes = shape.Rank - 2;
        bool shared = Lines.Repeat(b.Map, batchAxes) && Lines.Repeat(zerosB.Map, batchAxes)
            && (by is null || Lines.Repeat(by.ScalesB.Map, batchAxes));
        long batches = shared ? 1 : shape.Product(0, batchAxes);
        long rows = shape.Elements / shape[^1] / batches;
        long depth = a.Type.Shape[^1];
        Lines lines = Lines.Of(b.Map, shared ? batchAxes : 0);
        CodeOrder order = new((_, k) => k * lines.Step, 1, depth);
        CodePanels panels = CodePanels.Of(run, b, run.Pointer<byte>(b), lines, order, shape[^1], batches);
        byte* left = Rows(run, a, out long row);

        CodeTotals[] totals = new CodeTotals[batches];
        CodeZeros zeros = new(run, panels, order, zerosA, a.Type.DType, zerosB, b.Type.DType);
        int size = type.DType.Size();
        byte* y = run.Output<byte>(0);
        for (long batch = 0; batch < batches; batch++)
        {
            totals[batch] = new CodeTotals(zeros, batch, batch * rows, shape[^1]);
        }

        if (by is not null)
        {
            CodeTotals.Requantise(run, totals, by, type.DType, rows);
        }

        nint* segments = run.Rent<nint>(1);
        *segments = 0;
        long chunks = (rows + CodeProduct.MostRows - 1) / CodeProduct.MostRows;
        long wanted = run.Workers == 1 ? 1 : ((run.Workers * 4L) + (batches * chunks) - 1) / (batches * chunks);
        long groups = Math.Clamp(wanted, 1, Math.Max(1, panels.Panels / 2));
        int* scratch = run.Rent<int>(run.Workers * (long)CodeProduct.WorkerInts);
        Group? followers = run.Follow();
        run.For(batches * chunks * groups, (unit, worker) =>
        {
            (unit, long group) = Math.DivRem(unit, groups);
            (long batch, long chunk) = Math.DivRem(unit, chunks);
            long first = rows * chunk / chunks;
            CodeTile tile = new()
            {
                A = left + (((batch * rows) + first) * row),
                Row = (nint)row,
                Segments = segments,
                Count = 1,
                Groups = (nint)order.Groups,
                Rows = (nint)((rows * (chunk + 1) / chunks) - first),
            };
            long panelFrom = panels.Panels * group / groups;
            long panelTo = panels.Panels * (group + 1) / groups;
            long start = ((batch * rows) + first) * shape[^1];
            int* own = scratch + (worker * (long)CodeProduct.WorkerInts);
            CodeProduct.Rows<F>(panels, batch, zeros, totals[batch], tile, first, panelFrom, panelTo, y + (start * size), own);
            long column = panelFrom * CodeTile.Width;
            followers?.Rows(start + column, tile.Rows, shape[^1], Math.Min(panelTo * CodeTile.Width, shape[^1]) - column, worker);
        });
    }

    // A's rows as u8, a constant distance apart: where they lie if they are so already, otherwise copied; i8 codes are moved by 128.
    private static byte* Rows(KernelRun run, Operand a, out long row)
    {
        Lines lines = Lines.Of(a.Map);
        byte* from = run.Pointer<byte>(a);
        bool signed = a.Type.DType == DType.I8;
        row = lines.Axes.Length == 0 ? 0 : lines.Axes[0].Stride;

        // Rows a multiple of a page apart share few lines of the first-level cache; more than a few of them are better moved.
        const long Page = 4096;
        bool apart = row % Page != 0 || lines.Count <= 8;
        if (!signed && apart && lines.Axes.Length <= 1 && (lines.Step == 1 || lines.Depth == 1) && lines.Depth % 4 == 0)
        {
            return from;
        }

        long room = (lines.Depth + 3) / 4 * 4;
        room += room % 1024 == 0 ? 64 : 0;
        row = room;
        long depth = lines.Depth;
        byte* copy = run.Rent<byte>((lines.Count * room) + CodeTile.Width);
        byte flip = signed ? (byte)0x80 : (byte)0;
        run.ForRanges(lines.Count, Math.Max(1, (1 << 14) / Math.Max(1, room)), (start, end, _) =>
        {
            for (long line = start; line < end; line++)
            {
                Copy(from + lines.Offset(line), lines.Step, depth, flip, copy + (line * room));
            }
        });
        return copy;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(byte* from, long step, long count, byte flip, byte* to)
    {
        long k = 0;
        if (step == 1)
        {
            ulong flips = flip * 0x0101_0101_0101_0101ul;
            for (; k <= count - sizeof(ulong); k += sizeof(ulong))
            {
                Unsafe.WriteUnaligned(to + k, Unsafe.ReadUnaligned<ulong>(from + k) ^ flips);
            }
        }

        for (; k < count; k++)
        {
            to[k] = (byte)(from[k * step] ^ flip);
        }
    }
}
