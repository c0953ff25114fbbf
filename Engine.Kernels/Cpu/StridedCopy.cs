using System;

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

    /// <summary>Copies every element of the view on the workers.</summary>
    internal static void Run(KernelRun run, byte* source, int size, AffineView map, byte* to)
    {
        switch (size)
        {
            case 1:
                Run(run, source, map, to);
                break;
            case 2:
                Run(run, (ushort*)source, map, (ushort*)to);
                break;
            case 4:
                Run(run, (uint*)source, map, (uint*)to);
                break;
            default:
                Run(run, (ulong*)source, map, (ulong*)to);
                break;
        }
    }

    private static void Run<T>(KernelRun run, T* source, AffineView map, T* to)
        where T : unmanaged
    {
        if (map.Shape.Elements == 0)
        {
            return;
        }

        (long Extent, long Stride)[] axes = [.. AffineCopy.Merge(map)];
        int near = NearAxis(axes);
        if (near < 0)
        {
            run.ForRanges(map.Shape.Elements, LeastBytes / sizeof(T), (start, end, _) =>
            {
                ViewReader<T> reader = new(source, map.Offset, axes);
                reader.Copy(start, end - start, to + start);
            });
            return;
        }

        Transpose(run, source + map.Offset, axes, near, to);
    }

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

        (long inner, long innerStride) = axes[^1];
        (long rows, long _) = axes[near];
        long rowStep = steps[near];
        long bands = (rows + Tile - 1) / Tile;
        long others = elements / (inner * rows);
        run.ForRanges(others * bands, Math.Max(1, LeastBytes / (inner * Tile * sizeof(T))), (start, end, _) =>
        {
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
                Band(from + first, innerStride, into + (first * rowStep), rowStep, height, inner);
            }
        });
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
