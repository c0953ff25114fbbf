using System;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>One side of a product, brought into panels.</summary>
/// <param name="source">Its elements.</param>
/// <param name="lines">Its rows or columns, over all batches.</param>
/// <param name="count">Lines of one batch.</param>
/// <param name="batches">Number of batches.</param>
/// <param name="kept">The parameter that all of it is made from, where panels may be kept; otherwise null.</param>
/// <param name="key">What the source is made of beside the parameter's bytes: its map, its zero points, whether it is a copy. How it is cut
/// into lines and batches is added here.</param>
internal sealed unsafe class Factor<F, TSource>(TSource source, Lines lines, long count, long batches, Tensor? kept, object key)
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

    /// <summary>Scratch that one batch needs.</summary>
    internal long PackedFloats(bool asRows) => asRows
        ? new RowPanels(0, count, lines.Depth).Floats
        : ColumnPanels.Packed(null, count, lines.Depth, Width).Floats;

    /// <summary>Row panels of some batches.</summary>
    internal RowPanels[] Rows(KernelRun run, long first, long number)
    {
        RowPanels[] panels = new RowPanels[number];
        if (count == 1 && lines.Step == 1 && source is SingleSource floats)
        {
            for (long i = 0; i < number; i++)
            {
                panels[i] = new RowPanels((nint)(floats.Data + lines.Offset(first + i)), count, lines.Depth);
            }

            return panels;
        }

        long size = PackedFloats(asRows: true);
        nint data = Place(run, "rows", size, number, address => PackRows(run, address, 0, batches));
        for (long i = 0; i < number; i++)
        {
            panels[i] = new RowPanels(data + (nint)(((_kept is null ? 0 : first) + i) * size * sizeof(float)), count, lines.Depth);
        }

        if (_kept is null)
        {
            PackRows(run, data, first, number);
        }

        return panels;
    }

    /// <summary>Column panels of some batches: those of an activation whose columns are neighbours stay where they lie.</summary>
    /// <param name="run">The call.</param>
    /// <param name="first">First batch.</param>
    /// <param name="number">Number of batches.</param>
    internal ColumnPanels[] Columns(KernelRun run, long first, long number)
    {
        ColumnPanels[] panels = new ColumnPanels[number];
        if (_kept is null && source is SingleSource floats && lines.Axes.Length > 0 && lines.Axes[^1] == (count, 1))
        {
            InPlace(run, floats.Data, first, panels);
            return panels;
        }

        long size = PackedFloats(asRows: false);
        nint data = Place(run, "columns", size, number, address => PackColumns(run, address, 0, batches));
        for (long i = 0; i < number; i++)
        {
            float* at = (float*)data + (((_kept is null ? 0 : first) + i) * size);
            panels[i] = ColumnPanels.Packed(at, count, lines.Depth, Width);
        }

        if (_kept is null)
        {
            PackColumns(run, data, first, number);
        }

        return panels;
    }

    private void InPlace(KernelRun run, float* data, long first, ColumnPanels[] panels)
    {
        int ragged = (int)(count % Width);
        long size = ragged == 0 ? 0 : Width * lines.Depth;
        float* packed = (float*)Scratch(run, panels.Length * size);
        for (long i = 0; i < panels.Length; i++)
        {
            float* last = packed + (i * size);
            float* at = data + lines.Offset((first + i) * count);
            panels[i] = new ColumnPanels((nint)at, count, lines.Depth, Width, lines.Step, Width, ragged == 0 ? 0 : (nint)last);
            if (ragged != 0)
            {
                ColumnPanels.PackColumns(source, lines, ((first + i) * count) + count - ragged, ragged, Width, last);
            }
        }
    }

    // Kept panels hold every batch; scratch holds those of one pass.
    private nint Place(KernelRun run, string form, long size, long number, Action<nint> pack)
        => _kept is null
            ? Scratch(run, size * number)
            : (nint)run.Packed.Get(_kept, (form, typeof(TSource), key, count, batches, lines.Depth, Width), size * batches, pack);

    private nint Scratch(KernelRun run, long floats)
    {
        if (_scratch == 0)
        {
            _scratch = (nint)run.Rent<float>(floats);
        }

        return _scratch;
    }

    private static Int128 Size(long count, long depth, long batches) => (Int128)count * depth * batches;

    private void PackRows(KernelRun run, nint data, long first, long number)
    {
        RowPanels one = new(data, count, lines.Depth);
        long least = Math.Max(1, PackAtOnce / Math.Max(1, lines.Depth * MicroKernel.MaxRows));
        run.ForRanges(number * one.Panels, least, (start, end, _) =>
        {
            for (long panel = start; panel < end; panel++)
            {
                (long batch, long local) = Math.DivRem(panel, one.Panels);
                RowPanels into = one with { Data = data + (nint)(batch * one.Floats * sizeof(float)) };
                into.Pack(source, lines, (first + batch) * count, local, local + 1);
            }
        });
    }

    private void PackColumns(KernelRun run, nint data, long first, long number)
    {
        ColumnPanels one = ColumnPanels.Packed((float*)data, count, lines.Depth, Width);
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
