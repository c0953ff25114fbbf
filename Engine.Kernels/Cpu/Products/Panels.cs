using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Rows of A, each with its k side by side: as they lie in a tensor, or packed. They are taken in panels as even as they can be:
/// the first ones have one row more where the rows do not divide.</summary>
internal readonly unsafe struct RowPanels
{
    private readonly nint _data;
    private readonly long _each;
    private readonly long _longer;

    private RowPanels(nint data, long rows, long depth, long stride, int most)
    {
        _data = data;
        Rows = rows;
        Depth = depth;
        Stride = stride;
        Panels = (rows + most - 1) / most;
        (_each, _longer) = Panels == 0 ? (0, 0) : Math.DivRem(rows, Panels);
    }

    /// <summary>Number of rows.</summary>
    internal long Rows { get; }

    /// <summary>Length of the contraction.</summary>
    internal long Depth { get; }

    /// <summary>From one row to the next.</summary>
    internal long Stride { get; }

    /// <summary>Number of panels.</summary>
    internal long Panels { get; }

    /// <summary>Rows at an address.</summary>
    internal static RowPanels Of<F>(float* data, long rows, long depth, long stride)
        where F : unmanaged, IFloats<F> => new((nint)data, rows, depth, stride, MicroKernel.MaxRows<F>());

    /// <summary>First row of a panel.</summary>
    internal long First(long panel) => (panel * _each) + Math.Min(panel, _longer);

    /// <summary>Address of a row.</summary>
    internal float* Row(long row) => (float*)_data + (row * Stride);
}

/// <summary>Columns of B in panels of two vectors: packed as [panel][k][2 vectors], the last one padded with what no result sees; or a
/// matrix as it lies, whose panels are read in place or packed by those who need them more than once.</summary>
/// <param name="Data">First panel.</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="Depth">Length of the contraction.</param>
/// <param name="Width">Columns of a panel.</param>
/// <param name="Step">From one k to the next within a panel.</param>
/// <param name="Stride">From one panel to the next.</param>
/// <param name="Across">From one column to the next.</param>
/// <param name="ArePacked">Whole panels lie there, none of which ends early.</param>
/// <param name="Type">f32, or bf16 or f16 (<see cref="BFloatColumns"/>, <see cref="HalfColumns"/>); distances are in f32 all the same.</param>
/// <param name="Codes">How they lie where they are codes; such panels are widened by those who need them more than once.</param>
internal readonly unsafe record struct ColumnPanels(
    nint Data, long Columns, long Depth, int Width, long Step, long Stride, long Across, bool ArePacked, DType Type, Scaling? Codes = null)
{
    /// <summary>Number of panels.</summary>
    internal long Panels => (Columns + Width - 1) / Width;

    /// <summary>Floats that all panels take when they are packed.</summary>
    internal long Floats => Panels * Stride;

    /// <summary>Packed panels at an address.</summary>
    internal static ColumnPanels Packed(float* data, long columns, long depth, int width, DType type = DType.F32)
    {
        int step = type == DType.F32 ? width : width / 2;
        return new((nint)data, columns, depth, width, step, depth * step, 1, ArePacked: true, type);
    }

    /// <summary>Panels of codes at an address.</summary>
    internal static ColumnPanels OfCodes(float* data, long columns, Scaling form)
        => new((nint)data, columns, form.Depth, form.Width, 0, form.Runs * form.RunBytes / sizeof(float), 0, ArePacked: false, DType.F32, form);

    /// <summary>Columns as they lie.</summary>
    internal static ColumnPanels InPlace(float* data, long columns, long depth, int width, long step, long across)
    {
        bool packed = across == 1 && step == width && columns == width;
        return new((nint)data, columns, depth, width, step, width * across, across, packed, DType.F32);
    }

    /// <summary>Address of a panel.</summary>
    internal float* Panel(long panel) => (float*)Data + (panel * Stride);

    /// <summary>Fills panels from … to − 1 of packed ones.</summary>
    internal void Pack<F, TSource>(TSource source, Lines lines, long origin, long from, long to)
        where F : unmanaged, IFloats<F>
        where TSource : struct, ISource
    {
        for (long panel = from; panel < to; panel++)
        {
            long first = panel * Width;
            int columns = (int)Math.Min(Width, Columns - first);
            float* into = Panel(panel);
            if (source is SingleSource floats && lines.AreEven(origin + first, columns, out long across))
            {
                Packing.Columns<F>(floats.Data + lines.Offset(origin + first), lines.Step, across, columns, into, Depth);
                continue;
            }

            if (source is BFloatSource bfloat && Type == DType.BF16)
            {
                Packing.Words(bfloat.Data, lines, origin + first, columns, Width, paired: true, (ushort*)into);
                continue;
            }

            if (source is FiniteHalfSource half)
            {
                Packing.Words(half.Data, lines, origin + first, columns, Width, paired: false, (ushort*)into);
                continue;
            }

            for (int column = 0; column < columns; column++)
            {
                long line = origin + first + column;
                Packing.Line(source, lines.Offset(line), lines.Step, line, into + column, Width, Depth);
            }

            for (int column = columns; column < Width; column++)
            {
                Packing.Line(new SingleSource(Packing.Zero), 0, 0, 0, into + column, Width, Depth);
            }
        }
    }
}

/// <summary>The loops that bring lines into a panel.</summary>
internal static unsafe class Packing
{
    /// <summary>A zero that stays where it is.</summary>
    internal static float* Zero { get; } = (float*)System.Runtime.InteropServices.NativeMemory.AllocZeroed(sizeof(float));

    /// <summary>Elements of a line, <paramref name="width"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Line<TSource>(TSource source, long index, long step, long line, float* to, long width, long depth)
        where TSource : struct, ISource
    {
        for (long k = 0; k < depth; k++)
        {
            *to = source.Get(index, line);
            to += width;
            index += step;
        }
    }

    /// <summary>bf16 as f32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Widen<F>(ushort* from, float* to, long count)
        where F : unmanaged, IFloats<F>
    {
        long i = 0;
        for (; i + F.Lanes <= count; i += F.Lanes)
        {
            F.Store(to + i, F.ShiftLeftInt(F.LoadWords(from + i, signed: false), 16));
        }

        for (; i < count; i++)
        {
            to[i] = Narrow.FromBFloat(from[i]);
        }
    }

    /// <summary>True where no f16 is infinite or NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static bool AreFinite(ReadOnlySpan<ushort> halves)
    {
        const ushort Exponent = 0x7C00;
        foreach (ushort half in halves)
        {
            if ((half & Exponent) == Exponent)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Up to two vectors of columns of 16 bits, as <see cref="BFloatColumns"/> where they are paired, else as <see cref="HalfColumns"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Words(ushort* data, Lines lines, long first, int columns, int width, bool paired, ushort* to)
    {
        for (int column = 0; column < width; column++)
        {
            ushort* into = to + (!paired ? column : column < width / 2 ? 2 * column : (2 * column) - width + 1);
            ushort* from = data + (column < columns ? lines.Offset(first + column) : 0);
            for (long k = 0; k < lines.Depth; k++)
            {
                *into = column < columns ? from[k * lines.Step] : (ushort)0;
                into += width;
            }
        }
    }

    /// <summary>Up to two vectors of columns as [k][2 vectors]; columns beyond are what happens to lie there, or zeros.</summary>
    /// <param name="from">k = 0 of the first column.</param>
    /// <param name="step">From one k to the next.</param>
    /// <param name="across">From one column to the next.</param>
    /// <param name="columns">Columns that there are.</param>
    /// <param name="to">The panel.</param>
    /// <param name="depth">Number of k.</param>
    internal static void Columns<F>(float* from, long step, long across, int columns, float* to, long depth)
        where F : unmanaged, IFloats<F>
    {
        int width = 2 * F.Lanes;
        if (across != 1)
        {
            if (columns < width)
            {
                new Span<float>(to, (int)(depth * width)).Clear();
            }

            if (step == 1)
            {
                Transposition.Run(from, across, to, width, columns, depth);
                return;
            }

            for (int column = 0; column < columns; column++)
            {
                Line(new SingleSource(from), column * across, step, 0, to + column, width, depth);
            }

            return;
        }

        // The rows below a ragged row are there to be read past its end.
        long below = columns == width || step <= 0 ? 0 : (width - columns + step - 1) / step;
        long whole = columns == width ? depth : step <= 0 ? 0 : Math.Max(0, depth - below);
        CopyRows<F>(from, step, to, whole);
        for (long k = whole; k < depth; k++)
        {
            for (int column = 0; column < width; column++)
            {
                to[(k * width) + column] = column < columns ? from[(k * step) + column] : 0f;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows<F>(float* from, long step, float* to, long depth)
        where F : unmanaged, IFloats<F>
    {
        for (long k = 0; k < depth; k++)
        {
            F.Store(to, F.Load(from));
            F.Store(to + F.Lanes, F.Load(from + F.Lanes));
            from += step;
            to += 2 * F.Lanes;
        }
    }
}
