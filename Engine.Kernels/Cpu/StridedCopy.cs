using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

//
//  Lays out the elements of a view in row-major order: the bytes of Engine/Tensors/AffineCopy.cs.
//  Where the inner axis jumps in the source and another axis does not, both are walked in square tiles, so that each cache line
//  is read once.
//

/// <summary>Copies a view into its own row-major order.</summary>
internal static unsafe class StridedCopy
{
    private const int Tile = 16;
    private const long LeastBytes = 1 << 15;

    /// <summary>Copies every element of an operand on the workers.</summary>
    internal static void Run(KernelRun run, Operand operand, byte* to)
    {
        byte* source = (byte*)run.Source(operand);
        switch (operand.Type.DType.Size())
        {
            case 1:
                Run(run, source, operand, to);
                break;
            case 2:
                Run(run, (ushort*)source, operand, (ushort*)to);
                break;
            case 4:
                Run(run, (uint*)source, operand, (uint*)to);
                break;
            default:
                Run(run, (ulong*)source, operand, (ulong*)to);
                break;
        }
    }

    private static void Run<T>(KernelRun run, T* source, Operand operand, T* to)
        where T : unmanaged
    {
        long elements = operand.Type.Elements;
        if (elements == 0)
        {
            return;
        }

        source += operand.Map.Offset;
        (long Extent, long Stride)[] axes = run.Axes(operand);
        int near = NearAxis(axes);
        if (near >= 0)
        {
            Transpose(run, source, axes, near, to);
        }
        else if (elements * sizeof(T) <= LeastBytes)
        {
            new ViewReader<T>(source, 0, axes).Copy(0, elements, to);
        }
        else
        {
            OnWorkers(run, source, axes, elements, to);
        }
    }

    private static void OnWorkers<T>(KernelRun run, T* source, (long Extent, long Stride)[] axes, long elements, T* to)
        where T : unmanaged => run.ForRanges(
            elements, LeastBytes / sizeof(T), (start, end, _) => new ViewReader<T>(source, 0, axes).Copy(start, end - start, to + start));

    // An outer axis whose neighbours are neighbours in the source, where those of the inner axis are not; otherwise −1.
    private static int NearAxis((long Extent, long Stride)[] axes)
    {
        if (axes[^1].Stride is 0 or 1)
        {
            return -1;
        }

        return Array.FindIndex(axes, 0, axes.Length - 1, axis => axis.Stride == 1 && axis.Extent >= 4);
    }

    private static void Transpose<T>(KernelRun run, T* source, (long Extent, long Stride)[] axes, int near, T* to)
        where T : unmanaged
    {
        // Destination strides; then every axis but the two tiled ones becomes a unit of work.
        long[] steps = new long[axes.Length];
        long elements = 1;
        for (int axis = axes.Length - 1; axis >= 0; axis--)
        {
            steps[axis] = elements;
            elements *= axes[axis].Extent;
        }

        (long inner, long _) = axes[^1];
        (long rows, long _) = axes[near];
        long bands = (rows + Tile - 1) / Tile;
        long others = elements / (inner * rows);
        if (elements * sizeof(T) <= LeastBytes)
        {
            Bands(source, axes, steps, near, to, bands, 0, others * bands);
            return;
        }

        OnWorkers(run, source, axes, steps, near, to, bands, others * bands);
    }

    private static void OnWorkers<T>(
        KernelRun run, T* source, (long Extent, long Stride)[] axes, long[] steps, int near, T* to, long bands, long units)
        where T : unmanaged => run.ForRanges(
            units,
            Math.Max(1, LeastBytes / (axes[^1].Extent * Tile * sizeof(T))),
            (start, end, _) => Bands(source, axes, steps, near, to, bands, start, end));

    private static void Bands<T>(
        T* source, (long Extent, long Stride)[] axes, long[] steps, int near, T* to, long bands, long start, long end)
        where T : unmanaged
    {
        (long inner, long innerStride) = axes[^1];
        long rows = axes[near].Extent;
        for (long unit = start; unit < end; unit++)
        {
            (long rest, long band) = Math.DivRem(unit, bands);
            T* from = source;
            T* into = to;
            for (int axis = axes.Length - 2; axis >= 0; axis--)
            {
                if (axis != near)
                {
                    (rest, long i) = Math.DivRem(rest, axes[axis].Extent);
                    from += i * axes[axis].Stride;
                    into += i * steps[axis];
                }
            }

            long first = band * Tile;
            int height = (int)Math.Min(Tile, rows - first);
            Band(from + first, innerStride, into + (first * steps[near]), steps[near], height, inner);
        }
    }

    private static void Band<T>(T* from, long stride, T* to, long step, int height, long inner)
        where T : unmanaged
    {
        for (long left = 0; left < inner; left += Tile)
        {
            long right = Math.Min(inner, left + Tile);
            for (int row = 0; row < height; row++)
            {
                T* line = to + (row * step);
                T* at = from + row + (left * stride);
                for (long i = left; i < right; i++)
                {
                    line[i] = *at;
                    at += stride;
                }
            }
        }
    }
}
