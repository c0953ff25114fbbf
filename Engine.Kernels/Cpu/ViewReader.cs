using System;
using System.Collections.Generic;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Reads ranges of a view's elements, in the view's row-major order. One worker's own: it remembers nothing between
/// ranges.</summary>
/// <typeparam name="T">As wide as an element.</typeparam>
/// <param name="source">First element of the source.</param>
/// <param name="offset">Of the view's first element.</param>
/// <param name="axes">Merged axes, from <see cref="Tensors.AffineCopy.Merge"/>.</param>
internal readonly unsafe struct ViewReader<T>(T* source, long offset, List<(long Extent, long Stride)> axes)
    where T : unmanaged
{
    private readonly T* _source = source + offset;

    /// <summary>Address of elements start … start + count − 1 where they lie together in the source; otherwise null.</summary>
    internal T* Direct(long start, long count)
    {
        (long inner, long stride) = axes[^1];
        if (stride != 1)
        {
            return null;
        }

        (long line, long column) = Math.DivRem(start, inner);
        return column + count <= inner ? _source + LineOffset(line) + column : null;
    }

    /// <summary>Copies elements start … start + count − 1.</summary>
    internal void Copy(long start, long count, T* to)
    {
        (long inner, long stride) = axes[^1];
        (long line, long column) = Math.DivRem(start, inner);
        while (count > 0)
        {
            long run = Math.Min(count, inner - column);
            T* from = _source + LineOffset(line) + (column * stride);
            if (stride == 1)
            {
                new ReadOnlySpan<T>(from, (int)run).CopyTo(new Span<T>(to, (int)run));
            }
            else if (stride == 0)
            {
                new Span<T>(to, (int)run).Fill(*from);
            }
            else
            {
                for (long i = 0; i < run; i++)
                {
                    to[i] = from[i * stride];
                }
            }

            to += run;
            count -= run;
            column = 0;
            line++;
        }
    }

    private long LineOffset(long line)
    {
        long at = 0;
        for (int axis = axes.Count - 2; axis >= 0 && line != 0; axis--)
        {
            (line, long i) = Math.DivRem(line, axes[axis].Extent);
            at += i * axes[axis].Stride;
        }

        return at;
    }
}
