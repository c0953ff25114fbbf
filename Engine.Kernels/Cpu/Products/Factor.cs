using System;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Where the panels of a node's parameter lie, once they are known.</summary>
internal sealed class Kept
{
    internal nint Address { get; set; }
}

/// <summary>One side of a product, brought into panels.</summary>
/// <param name="source">Its elements.</param>
/// <param name="lines">Its rows or columns, over all batches.</param>
/// <param name="count">Lines of one batch.</param>
/// <param name="batches">Number of batches.</param>
/// <param name="kept">The parameter that all of it is made from, where panels may be kept; otherwise null.</param>
/// <param name="key">What the source is made of beside the parameter's bytes: its map, its zero points, whether it is a copy. How it is cut
/// into lines and batches is added here.</param>
/// <param name="place">Where a node remembers its panels; without it they are looked up at each run.</param>
internal sealed unsafe class Factor<F, TSource>(
    TSource source, Lines lines, long count, long batches, Tensor? kept, object key, Kept? place = null)
    where F : unmanaged, IFloats<F>
    where TSource : struct, ISource
{
    private const long PackAtOnce = 1 << 13;

    // A view may repeat a small parameter many times over; its panels are then made anew at each run, so that what is kept never
    // exceeds what the parameters hold.
    private readonly Tensor? _kept = kept is not null && Size(count, lines.Depth, batches) <= kept.Type.Elements ? kept : null;
    private nint _scratch;

    /// <summary>Lines of one batch.</summary>
    internal long Count => count;

    /// <summary>Number of batches.</summary>
    internal long Batches => batches;

    private static int Width => 2 * F.Lanes;

    private static DType Type
        => typeof(TSource) == typeof(BFloatSource) ? DType.BF16 : typeof(TSource) == typeof(FiniteHalfSource) ? DType.F16 : DType.F32;

    // The lines of every batch are equally far apart: f32 is then used as it lies.
    private bool IsEven => lines.Axes.Length == 0 || lines.Axes[^1].Extent % Math.Max(1, count) == 0;

    private bool RowsInPlace => source is SingleSource && lines.Step == 1 && IsEven;

    private bool ColumnsInPlace => source is SingleSource && _kept is null && IsEven;

    /// <summary>Scratch that the rows of one batch need.</summary>
    internal long RowFloats => RowsInPlace || _kept is not null ? 0 : RowSize;

    /// <summary>Scratch that the columns of one batch need.</summary>
    internal long ColumnFloats => ColumnsInPlace || _kept is not null ? 0 : ColumnSize;

    private long RowSize => count * lines.Depth;

    private long ColumnSize => ColumnPanels.Packed(null, count, lines.Depth, Width, Type).Floats;

    /// <summary>Rows of some batches: f32 with neighbouring k as it lies, all else packed.</summary>
    /// <param name="run">The call.</param>
    /// <param name="first">First batch.</param>
    /// <param name="number">Number of batches.</param>
    internal RowPanels[] Rows(KernelRun run, long first, long number)
    {
        RowPanels[] panels = new RowPanels[number];
        if (RowsInPlace && source is SingleSource floats)
        {
            lines.AreEven(0, count, out long apart);
            for (long i = 0; i < number; i++)
            {
                panels[i] = RowPanels.Of<F>(floats.Data + lines.Offset((first + i) * count), count, lines.Depth, apart);
            }

            return panels;
        }

        float* data = Place(run, asRows: true, RowSize, first, number);
        for (long i = 0; i < number; i++)
        {
            panels[i] = RowPanels.Of<F>(data + (i * RowSize), count, lines.Depth, lines.Depth);
        }

        return panels;
    }

    /// <summary>Column panels of some batches: those of an f32 activation as they lie, all else packed.</summary>
    /// <param name="run">The call.</param>
    /// <param name="first">First batch.</param>
    /// <param name="number">Number of batches.</param>
    /// <param name="again">Several products will read them: all are packed.</param>
    internal ColumnPanels[] Columns(KernelRun run, long first, long number, bool again = false)
    {
        ColumnPanels[] panels = new ColumnPanels[number];
        if (!again && ColumnsInPlace && source is SingleSource floats)
        {
            lines.AreEven(0, count, out long apart);
            for (long i = 0; i < number; i++)
            {
                float* at = floats.Data + lines.Offset((first + i) * count);
                panels[i] = ColumnPanels.InPlace(at, count, lines.Depth, Width, lines.Step, count == 1 ? 1 : apart);
            }

            return panels;
        }

        float* data = Place(run, asRows: false, ColumnSize, first, number);
        for (long i = 0; i < number; i++)
        {
            panels[i] = ColumnPanels.Packed(data + (i * ColumnSize), count, lines.Depth, Width, Type);
        }

        return panels;
    }

    // Packed lines of some batches. Kept ones hold every batch; scratch holds those of one pass.
    private float* Place(KernelRun run, bool asRows, long size, long first, long number)
    {
        if (_kept is not null)
        {
            nint address = place is null || place.Address == 0 ? Keep(run, asRows, size) : place.Address;
            if (place is not null)
            {
                place.Address = address;
            }

            return (float*)address + (first * size);
        }

        if (_scratch == 0)
        {
            _scratch = (nint)run.Rent<float>(size * number);
        }

        Pack(run, asRows, _scratch, first, number);
        return (float*)_scratch;
    }

    private nint Keep(KernelRun run, bool asRows, long size)
    {
        (bool, System.Type, object, long, long, long, int) whole = (asRows, typeof(TSource), key, count, batches, lines.Depth, Width);
        return (nint)run.Packed.Get(_kept!, whole, size * batches, address => Pack(run, asRows, address, 0, batches));
    }

    private void Pack(KernelRun run, bool asRows, nint data, long first, long number)
    {
        if (asRows)
        {
            PackRows(run, data, first, number);
        }
        else
        {
            PackColumns(run, data, first, number);
        }
    }

    private static Int128 Size(long count, long depth, long batches) => (Int128)count * depth * batches;

    private void PackRows(KernelRun run, nint data, long first, long number)
    {
        long least = Math.Max(1, PackAtOnce / Math.Max(1, lines.Depth));
        run.ForRanges(number * count, least, (start, end, _) =>
        {
            float* into = (float*)data + (start * lines.Depth);
            start += first * count;
            end += first * count;
            if (source is SingleSource floats && lines.AreEven(start, end - start, out long apart) && apart == 1)
            {
                Transposition.Run(floats.Data + lines.Offset(start), lines.Step, into, lines.Depth, lines.Depth, end - start);
                return;
            }

            for (long line = start; line < end; line++)
            {
                if (lines.Step == 1 && source is BFloatSource words)
                {
                    Packing.Widen<F>(words.Data + lines.Offset(line), into, lines.Depth);
                }
                else
                {
                    Packing.Line(source, lines.Offset(line), lines.Step, line, into, 1, lines.Depth);
                }

                into += lines.Depth;
            }
        });
    }

    private void PackColumns(KernelRun run, nint data, long first, long number)
    {
        ColumnPanels one = ColumnPanels.Packed((float*)data, count, lines.Depth, Width, Type);
        long least = Math.Max(1, PackAtOnce / Math.Max(1, lines.Depth * Width));
        run.ForRanges(number * one.Panels, least, (start, end, _) =>
        {
            for (long panel = start; panel < end; panel++)
            {
                (long batch, long local) = Math.DivRem(panel, one.Panels);
                ColumnPanels into = one with { Data = data + (nint)(batch * one.Floats * sizeof(float)) };
                into.Pack<F, TSource>(source, lines, (first + batch) * count, local, local + 1);
            }
        });
    }
}
