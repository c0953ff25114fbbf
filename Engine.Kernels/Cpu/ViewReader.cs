using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Reads ranges of a view's elements, in the view's row-major order. It remembers nothing between ranges.</summary>
/// <typeparam name="T">As wide as an element.</typeparam>
/// <param name="source">First element of the source.</param>
/// <param name="offset">Of the view's first element.</param>
/// <param name="axes">Merged axes, from <see cref="AffineCopy.Merge"/>.</param>
internal readonly unsafe ref struct ViewReader<T>(T* source, long offset, ReadOnlySpan<(long Extent, long Stride)> axes)
    where T : unmanaged
{
    private readonly T* _source = source + offset;
    private readonly ReadOnlySpan<(long Extent, long Stride)> _axes = axes;

    /// <summary>Address of elements start … start + count − 1 where they lie together in the source; otherwise null.</summary>
    internal T* Direct(long start, long count)
    {
        (long inner, long stride) = _axes[^1];
        if (stride != 1)
        {
            return null;
        }

        if (_axes.Length == 1)
        {
            return _source + start;
        }

        (long line, long column) = Math.DivRem(start, inner);
        return column + count <= inner ? _source + Locate(line, stackalloc long[Limits.Rank]) + column : null;
    }

    /// <summary>Copies elements start … start + count − 1.</summary>
    internal void Copy(long start, long count, T* to)
    {
        (long inner, long stride) = _axes[^1];
        (long line, long column) = _axes.Length == 1 ? (0, start) : Math.DivRem(start, inner);
        Span<long> index = stackalloc long[Limits.Rank];
        long at = Locate(line, index);
        while (true)
        {
            // Lines whose elements lie apart and which lie side by side are read across.
            int last = _axes.Length - 2;
            long lines = column == 0 && stride != 1 && last >= 0 && _axes[last].Stride == 1
                ? Math.Clamp(_axes[last].Extent - index[last], 1, Math.Max(1, count / inner)) : 1;
            long run = lines * inner;
            if (lines > 1)
            {
                Transpose(_source + at, stride, lines, inner, to);
            }
            else
            {
                run = Math.Min(count, inner - column);
                CopyRun(_source + at + (column * stride), stride, (int)run, to);
            }

            count -= run;
            if (count == 0)
            {
                return;
            }

            to += run;
            column = 0;
            for (int axis = _axes.Length - 2; axis >= 0; axis--)
            {
                long by = axis == last ? lines : 1;
                at += by * _axes[axis].Stride;
                if ((index[axis] += by) < _axes[axis].Extent)
                {
                    break;
                }

                at -= _axes[axis].Stride * _axes[axis].Extent;
                index[axis] = 0;
            }
        }
    }

    // Sixteen lines at a time: what is read lies together, and the lines that are written stay in the first cache.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(T* from, long stride, long lines, long inner, T* to)
    {
        for (long line = 0; line < lines; line += 16)
        {
            int some = (int)Math.Min(16, lines - line);
            T* row = from + line;
            T* place = to + (line * inner);
            for (long k = 0; k < inner; k++, row += stride, place++)
            {
                T* at = place;
                for (int i = 0; i < some; i++, at += inner)
                {
                    *at = row[i];
                }
            }
        }
    }

    private static void CopyRun(T* from, long stride, int run, T* to)
    {
        if (stride == 1)
        {
            new ReadOnlySpan<T>(from, run).CopyTo(new Span<T>(to, run));
        }
        else if (stride == 0)
        {
            new Span<T>(to, run).Fill(*from);
        }
        else
        {
            for (int i = 0; i < run; i++)
            {
                to[i] = *from;
                from += stride;
            }
        }
    }

    // Offset of a line, and its index along each outer axis.
    private long Locate(long line, Span<long> index)
    {
        long at = 0;
        for (int axis = _axes.Length - 2; axis >= 0; axis--)
        {
            (line, long i) = line == 0 ? (0, 0) : Math.DivRem(line, _axes[axis].Extent);
            index[axis] = i;
            at += i * _axes[axis].Stride;
        }

        return at;
    }
}
