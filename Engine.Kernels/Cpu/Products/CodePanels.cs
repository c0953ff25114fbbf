using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Where the codes of a line of B lie, in the order in which tiles walk them: segments of <paramref name="Length"/> codes, each
/// padded with zeros to whole groups of four.</summary>
/// <param name="At">Offset of a code from its line's first, by segment and index in it.</param>
/// <param name="Segments">Number of segments.</param>
/// <param name="Length">Codes of a segment.</param>
internal readonly record struct CodeOrder(Func<long, long, long> At, long Segments, long Length)
{
    /// <summary>Groups of four in a segment.</summary>
    internal long Groups => (Length + 3) / 4;

    /// <summary>Bytes of one packed column.</summary>
    internal long Bytes => Segments * Groups * 4;
}

/// <summary>The lines of B as panels of i8 (u8 codes less 128), and the sum of every line: batches of [panel][group][16 columns][4 bytes], then
/// batches of [column] int32.</summary>
/// <param name="data">First panel of the first batch.</param>
/// <param name="columns">Lines of one batch.</param>
/// <param name="batches">Number of batches.</param>
/// <param name="depthBytes">Bytes of a packed column.</param>
internal readonly unsafe struct CodePanels(nint data, long columns, long batches, long depthBytes)
{
    /// <summary>Panels of one batch.</summary>
    internal long Panels => (columns + CodeTile.Width - 1) / CodeTile.Width;

    /// <summary>Lines of one batch.</summary>
    internal long Columns => columns;

    /// <summary>Number of batches.</summary>
    internal long Batches => batches;

    /// <summary>The same, rounded up to whole panels.</summary>
    internal long Room => Panels * CodeTile.Width;

    /// <summary>Bytes of a panel.</summary>
    internal long PanelBytes => CodeTile.Width * depthBytes;

    /// <summary>First panel of a batch.</summary>
    internal sbyte* Batch(long batch) => (sbyte*)data + (batch * Panels * PanelBytes);

    /// <summary>Sums of the lines of a batch.</summary>
    internal int* Sums(long batch) => (int*)((sbyte*)data + (batches * Panels * PanelBytes)) + (batch * Room);

    /// <summary>Panels of an operand of codes: kept where it is a parameter, packed now otherwise.</summary>
    /// <param name="run">The call.</param>
    /// <param name="operand">The codes.</param>
    /// <param name="source">Its first code.</param>
    /// <param name="lines">Its lines, over all batches.</param>
    /// <param name="order">Order within a line.</param>
    /// <param name="columns">Lines of one batch.</param>
    /// <param name="batches">Number of batches.</param>
    internal static CodePanels Of(KernelRun run, Operand operand, byte* source, Lines lines, CodeOrder order, long columns, long batches)
    {
        long depthBytes = order.Bytes;
        CodePanels shape = new(0, columns, batches, depthBytes);
        long bytes = batches * ((shape.Panels * shape.PanelBytes) + (shape.Room * sizeof(int)));
        bool signed = operand.Type.DType == DType.I8;

        // A view may repeat a small parameter many times over: then it is packed at each run.
        if (operand.Parameter is not null && operand.Type.Elements <= operand.Parameter.Type.Elements)
        {
            object key = ("codes", operand.Map, columns, batches, order.Segments, order.Length);
            long floats = (bytes + sizeof(float) - 1) / sizeof(float);
            float* kept = run.Packed.Get(
                operand.Parameter, key, floats, at => new CodePanels(at, columns, batches, depthBytes).Pack(run, source, signed, lines, order));
            return new CodePanels((nint)kept, columns, batches, depthBytes);
        }

        CodePanels panels = new((nint)run.Rent<byte>(bytes), columns, batches, depthBytes);
        panels.Pack(run, source, signed, lines, order);
        return panels;
    }

    private void Pack(KernelRun run, byte* source, bool signed, Lines lines, CodeOrder order)
    {
        CodePanels self = this;
        long perBatch = Panels;
        long* taps = run.Rent<long>(order.Segments * order.Length);
        for (long segment = 0; segment < order.Segments; segment++)
        {
            for (long i = 0; i < order.Length; i++)
            {
                taps[(segment * order.Length) + i] = order.At(segment, i);
            }
        }

        run.ForRanges(batches * perBatch, Math.Max(1, (1 << 14) / Math.Max(1, PanelBytes)), (start, end, _) =>
        {
            for (long panel = start; panel < end; panel++)
            {
                (long batch, long local) = Math.DivRem(panel, perBatch);
                self.PackPanel(source, signed, lines, taps, order, batch, local);
            }
        });
    }

    private void PackPanel(byte* source, bool signed, Lines lines, long* taps, CodeOrder order, long batch, long panel)
    {
        sbyte* to = Batch(batch) + (panel * PanelBytes);
        int* sums = Sums(batch) + (panel * CodeTile.Width);
        byte flip = signed ? (byte)0 : (byte)0x80;
        NativeMemory.Clear(to, (nuint)PanelBytes);
        for (int j = 0; j < CodeTile.Width; j++)
        {
            long column = (panel * CodeTile.Width) + j;
            sums[j] = column < columns
                ? PackColumn(source + lines.Offset((batch * columns) + column), flip, taps, order, to + (4 * j))
                : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int PackColumn(byte* line, byte flip, long* taps, CodeOrder order, sbyte* to)
    {
        int sum = 0;
        for (long segment = 0; segment < order.Segments; segment++)
        {
            for (long i = 0; i < order.Length; i++)
            {
                sbyte code = (sbyte)(line[*taps++] ^ flip);
                to[(i / 4 * 4 * CodeTile.Width) + (i % 4)] = code;
                sum += code;
            }

            to += order.Groups * 4 * CodeTile.Width;
        }

        return sum;
    }
}
