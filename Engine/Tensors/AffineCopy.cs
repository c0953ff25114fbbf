using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>Lays out the elements of a view in row-major order.</summary>
public static class AffineCopy
{
    /// <summary>Copies every element of the view, in order.</summary>
    /// <param name="source">Row-major bytes of the source.</param>
    /// <param name="size">Bytes of one element: 1, 2, 4 or 8.</param>
    /// <param name="map">The view.</param>
    /// <param name="destination">As many bytes as the view has elements times size.</param>
    public static void Run(ReadOnlySpan<byte> source, int size, AffineView map, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (map.Shape.Elements == 0)
        {
            return;
        }

        List<(long Extent, long Stride)> axes = Merge(map);
        switch (size)
        {
            case 1:
                Run<byte>(source, map.Offset, axes, destination);
                break;
            case 2:
                Run<ushort>(source, map.Offset, axes, destination);
                break;
            case 4:
                Run<uint>(source, map.Offset, axes, destination);
                break;
            default:
                Run<ulong>(source, map.Offset, axes, destination);
                break;
        }
    }

    /// <summary>The axes of a view from the outermost in, without those of extent 1, neighbours joined where they step evenly.</summary>
    public static List<(long Extent, long Stride)> Merge(AffineView map)
    {
        ArgumentNullException.ThrowIfNull(map);
        List<(long Extent, long Stride)> axes = [];
        for (int axis = 0; axis < map.Shape.Rank; axis++)
        {
            long extent = map.Shape[axis];
            long stride = map.Strides[axis];
            if (extent == 1)
            {
                continue;
            }

            if (axes.Count > 0 && axes[^1].Stride == stride * extent)
            {
                axes[^1] = (axes[^1].Extent * extent, stride);
            }
            else
            {
                axes.Add((extent, stride));
            }
        }

        if (axes.Count == 0)
        {
            axes.Add((1, 1));
        }

        return axes;
    }

    private static void Run<T>(ReadOnlySpan<byte> sourceBytes, long offset, List<(long Extent, long Stride)> axes, Span<byte> bytes)
        where T : unmanaged
    {
        ReadOnlySpan<T> source = MemoryMarshal.Cast<byte, T>(sourceBytes);
        Span<T> destination = MemoryMarshal.Cast<byte, T>(bytes);
        (long inner, long innerStride) = axes[^1];
        int outerAxes = axes.Count - 1;
        Span<long> index = stackalloc long[Limits.Rank];
        index.Clear();
        int written = 0;
        while (true)
        {
            Row(source, offset, (int)innerStride, destination.Slice(written, (int)inner));
            written += (int)inner;
            int axis = outerAxes - 1;
            while (axis >= 0)
            {
                offset += axes[axis].Stride;
                if (++index[axis] < axes[axis].Extent)
                {
                    break;
                }

                offset -= axes[axis].Stride * axes[axis].Extent;
                index[axis] = 0;
                axis--;
            }

            if (axis < 0)
            {
                return;
            }
        }
    }

    private static void Row<T>(ReadOnlySpan<T> source, long offset, int stride, Span<T> destination)
        where T : unmanaged
    {
        switch (stride)
        {
            case 1:
                source.Slice((int)offset, destination.Length).CopyTo(destination);
                break;
            case 0:
                destination.Fill(source[(int)offset]);
                break;
            default:
                int from = (int)offset;
                for (int i = 0; i < destination.Length; i++)
                {
                    destination[i] = source[from];
                    from += i + 1 < destination.Length ? stride : 0;
                }

                break;
        }
    }
}
