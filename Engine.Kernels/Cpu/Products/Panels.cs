using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Rows of A in panels of up to six, as even as they can be: panel p holds rows First(p) … First(p+1) − 1 as [k][rows].</summary>
/// <param name="Data">First panel; they follow one another without gaps.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Depth">Length of the contraction.</param>
internal readonly unsafe record struct RowPanels(nint Data, long Rows, long Depth)
{
    /// <summary>Number of panels.</summary>
    internal long Panels => (Rows + MicroKernel.MaxRows - 1) / MicroKernel.MaxRows;

    /// <summary>Floats that all panels take.</summary>
    internal long Floats => Rows * Depth;

    /// <summary>First row of a panel.</summary>
    internal long First(long panel) => Rows * panel / Panels;

    /// <summary>Address of a panel.</summary>
    internal float* Panel(long panel) => (float*)Data + (First(panel) * Depth);

    /// <summary>Fills panels from … to − 1.</summary>
    internal void Pack<TSource>(TSource source, Lines lines, long origin, long from, long to)
        where TSource : struct, ISource
    {
        for (long panel = from; panel < to; panel++)
        {
            long first = First(panel);
            int rows = (int)(First(panel + 1) - first);
            float* into = Panel(panel);
            if (rows == MicroKernel.MaxRows && lines.Step == 1 && source is SingleSource floats)
            {
                Packing.SixRows(floats.Data, lines, origin + first, into, Depth);
                continue;
            }

            for (int row = 0; row < rows; row++)
            {
                Packing.Line(source, lines.Offset(origin + first + row), lines.Step, origin + first + row, into + row, rows, Depth);
            }
        }
    }
}

/// <summary>The loops that bring lines into a panel.</summary>
internal static unsafe class Packing
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void SixRows(float* data, Lines lines, long line, float* to, long depth)
    {
        float* r0 = data + lines.Offset(line);
        float* r1 = data + lines.Offset(line + 1);
        float* r2 = data + lines.Offset(line + 2);
        float* r3 = data + lines.Offset(line + 3);
        float* r4 = data + lines.Offset(line + 4);
        float* r5 = data + lines.Offset(line + 5);
        for (long k = 0; k < depth; k++)
        {
            to[0] = r0[k];
            to[1] = r1[k];
            to[2] = r2[k];
            to[3] = r3[k];
            to[4] = r4[k];
            to[5] = r5[k];
            to += 6;
        }
    }

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
}

/// <summary>Columns of B in panels of two vectors: [panel][k][2 vectors], the last one padded with zeros that no result sees; or a
/// row-major matrix as it lies, with only its ragged last panel packed.</summary>
/// <param name="Data">First panel.</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="Depth">Length of the contraction.</param>
/// <param name="Width">Columns of a panel.</param>
/// <param name="Step">From one k to the next within a panel.</param>
/// <param name="Stride">From one panel to the next.</param>
/// <param name="Ragged">The last panel, packed, where the others lie in place; otherwise 0.</param>
internal readonly unsafe record struct ColumnPanels(nint Data, long Columns, long Depth, int Width, long Step, long Stride, nint Ragged)
{
    /// <summary>Number of panels.</summary>
    internal long Panels => (Columns + Width - 1) / Width;

    /// <summary>Floats that all panels take.</summary>
    internal long Floats => Panels * Width * Depth;

    /// <summary>Packed panels at an address.</summary>
    internal static ColumnPanels Packed(float* data, long columns, long depth, int width)
        => new((nint)data, columns, depth, width, width, depth * width, 0);

    /// <summary>Address of a panel, and its step.</summary>
    internal float* Panel(long panel, out long step)
    {
        bool ragged = Ragged != 0 && (panel + 1) * Width > Columns;
        step = ragged ? Width : Step;
        return ragged ? (float*)Ragged : (float*)Data + (panel * Stride);
    }

    /// <summary>Fills panels from … to − 1.</summary>
    internal void Pack<F, TSource>(TSource source, Lines lines, long origin, long from, long to)
        where F : unmanaged, IFloats<F>
        where TSource : struct, ISource
    {
        for (long panel = from; panel < to; panel++)
        {
            long first = panel * Width;
            int columns = (int)Math.Min(Width, Columns - first);
            float* into = (float*)Data + (panel * Stride);
            if (columns == Width && source is SingleSource floats && IsRow(lines, origin + first))
            {
                CopyRows<F>(floats.Data + lines.Offset(origin + first), lines.Step, into, Depth);
                continue;
            }

            PackColumns(source, lines, origin + first, columns, Width, into);
        }
    }

    /// <summary>Packs up to <paramref name="width"/> columns as [k][width], the missing ones as zeros.</summary>
    internal static void PackColumns<TSource>(TSource source, Lines lines, long first, int columns, int width, float* into)
        where TSource : struct, ISource
    {
        for (int column = 0; column < width; column++)
        {
            float* at = into + column;
            if (column >= columns)
            {
                for (long k = 0; k < lines.Depth; k++)
                {
                    at[k * width] = 0;
                }

                continue;
            }

            Packing.Line(source, lines.Offset(first + column), lines.Step, first + column, at, width, lines.Depth);
        }
    }

    // True when the panel's columns are neighbours in the source.
    private bool IsRow(Lines lines, long line)
        => lines.Axes.Length > 0 && lines.Axes[^1].Stride == 1 && (line % lines.Axes[^1].Extent) + Width <= lines.Axes[^1].Extent;

    /// <summary>Copies rows of two vectors to where they lie together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void CopyRows<F>(float* from, long step, float* to, long depth)
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
