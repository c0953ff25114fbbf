using System;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>An affine map from the elements of a view to the elements of its source: element (i0, i1, …) of the view is element
/// <c>Offset + Σ i_a · Strides[a]</c> of the source's row-major order. Strides may be 0 (repetition) or negative (reversal). Immutable;
/// the methods give the map of a further view of the same source, so maps are always composed. What no element reads is 0: the stride of
/// an axis of extent 1, and all of a map without elements; so equal maps are equal, and no stray number is ever computed with.</summary>
public sealed class AffineView : IEquatable<AffineView>
{
    /// <summary>A map with the given parts.</summary>
    /// <exception cref="ArgumentException">As many strides as extents are needed.</exception>
    public AffineView(Shape shape, long offset, ImmutableArray<long> strides)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (strides.Length != shape.Rank)
        {
            throw Error.StrideCount(shape, strides.Length);
        }

        Shape = shape;
        Offset = shape.Elements == 0 ? 0 : offset;
        Strides = [.. strides.Select((stride, axis) => shape.Elements == 0 || shape[axis] == 1 ? 0 : stride)];
    }

    /// <summary>Shape of the view.</summary>
    public Shape Shape { get; }

    /// <summary>Source index of the view's first element.</summary>
    public long Offset { get; }

    /// <summary>Step in the source for one step along each axis of the view, in elements.</summary>
    public ImmutableArray<long> Strides { get; }

    /// <summary>True when the view's elements are consecutive elements of the source, in order, from <see cref="Offset"/>.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int axis = Shape.Rank - 1; axis >= 0 && Shape.Elements != 0; axis--)
            {
                if (Shape[axis] != 1 && Strides[axis] != expected)
                {
                    return false;
                }

                expected *= Shape[axis];
            }

            return true;
        }
    }

    /// <summary>The map of a tensor onto itself.</summary>
    public static AffineView Identity(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new(shape, 0, shape.Strides());
    }

    /// <summary>True when every element maps inside a source of <paramref name="sourceElements"/> elements.</summary>
    public bool StaysWithin(long sourceElements)
    {
        if (Shape.Elements == 0)
        {
            return true;
        }

        Int128 low = Offset;
        Int128 high = Offset;
        for (int axis = 0; axis < Shape.Rank; axis++)
        {
            Int128 reach = (Int128)Strides[axis] * (Shape[axis] - 1);
            low += reach < 0 ? reach : 0;
            high += reach > 0 ? reach : 0;
        }

        return low >= 0 && high < sourceElements;
    }

    /// <summary>Source index of element <paramref name="index"/> of the view (row-major).</summary>
    public long SourceIndex(long index)
    {
        long source = Offset;
        for (int axis = Shape.Rank - 1; axis >= 0; axis--)
        {
            (index, long i) = Math.DivRem(index, Shape[axis]);
            source += i * Strides[axis];
        }

        return source;
    }

    /// <summary>The view with its axes reordered: axis a of the result is axis <c>order[a]</c> of this one.</summary>
    public AffineView Transpose(params ReadOnlySpan<int> order)
    {
        long[] extents = new long[order.Length];
        long[] strides = new long[order.Length];
        for (int axis = 0; axis < order.Length; axis++)
        {
            extents[axis] = Shape[order[axis]];
            strides[axis] = Strides[order[axis]];
        }

        return new AffineView(new Shape(extents), Offset, [.. strides]);
    }

    /// <summary><paramref name="count"/> elements of one axis, from <paramref name="start"/>, every <paramref name="step"/>-th (may be negative).</summary>
    public AffineView Slice(int axis, long start, long step, long count)
    {
        long offset = count == 0 ? Offset : Offset + (start * Strides[axis]);
        return new AffineView(Shape.With(axis, count), offset, Strides.SetItem(axis, count <= 1 ? 0 : Strides[axis] * step));
    }

    /// <summary>The view repeated along axes of extent 1 (or new outer axes) until it has the given shape.</summary>
    /// <exception cref="ArgumentException">The shape does not broadcast to <paramref name="shape"/>.</exception>
    public AffineView Expand(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        long[] strides = new long[shape.Rank];
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            int own = axis - shape.Rank + Shape.Rank;
            if (own >= 0 && Shape[own] != shape[axis] && Shape[own] != 1)
            {
                throw Error.NotBroadcastable(Shape, shape);
            }

            strides[axis] = own >= 0 && (Shape[own] == shape[axis]) ? Strides[own] : 0;
        }

        return Shape.Rank > shape.Rank
            ? throw Error.NotBroadcastable(Shape, shape)
            : new AffineView(shape, Offset, [.. strides]);
    }

    /// <summary>The same elements in another shape, if that is still an affine map.</summary>
    /// <returns>False when the elements must be copied first.</returns>
    public bool TryReshape(Shape shape, [NotNullWhen(true)] out AffineView? view)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Elements != Shape.Elements)
        {
            throw Error.ElementCounts(Shape, shape);
        }

        view = null;
        if (shape.Elements == 0)
        {
            view = new AffineView(shape, Offset, shape.Strides());
            return true;
        }

        long[] strides = new long[shape.Rank];
        int to = 0;
        int from = 0;
        while (to < shape.Rank || from < Shape.Rank)
        {
            int toStart = to;
            int fromStart = from;
            long toCount = to < shape.Rank ? shape[to++] : 1;
            long fromCount = from < Shape.Rank ? Shape[from++] : 1;
            while (toCount != fromCount)
            {
                if (toCount < fromCount)
                {
                    toCount *= shape[to++];
                }
                else
                {
                    fromCount *= Shape[from++];
                }
            }

            if (!TryMergeStride(fromStart, from, out long stride))
            {
                return false;
            }

            for (int axis = to - 1; axis >= toStart; axis--)
            {
                strides[axis] = stride;
                stride *= shape[axis];
            }
        }

        view = new AffineView(shape, Offset, [.. strides]);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(AffineView? other) => other is not null && Offset == other.Offset && Shape.Equals(other.Shape)
        && Strides.SequenceEqual(other.Strides);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AffineView);

    /// <inheritdoc/>
    public override int GetHashCode() => Shape.GetHashCode() ^ Offset.GetHashCode();

    /// <summary>As written in messages: <c>[2,3] + 5 by (1,2)</c>.</summary>
    public override string ToString() => $"{Shape} + {Offset} by ({string.Join(',', Strides)})";

    // The stride of axes from..to seen as one axis; false when they do not lie evenly. Axes of extent 1 do not matter.
    private bool TryMergeStride(int from, int to, out long stride)
    {
        stride = 0;
        bool seen = false;
        long expected = 0;
        for (int axis = to - 1; axis >= from; axis--)
        {
            if (Shape[axis] == 1)
            {
                continue;
            }

            if (seen && Strides[axis] != expected)
            {
                return false;
            }

            stride = seen ? stride : Strides[axis];
            expected = Strides[axis] * Shape[axis];
            seen = true;
        }

        return true;
    }
}
