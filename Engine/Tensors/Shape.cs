using System;
using System.Collections.Immutable;
using System.Linq;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>Extents of a tensor, outermost first. Rank 0 is a scalar; an extent may be 0. Immutable; equal by value.</summary>
public sealed class Shape : IEquatable<Shape>
{
    private readonly ImmutableArray<long> _extents;

    /// <summary>A shape of the given extents.</summary>
    /// <exception cref="ArgumentException">More than <see cref="Limits.Rank"/> extents, a negative one, or more than
    /// <see cref="Limits.Elements"/> elements.</exception>
    public Shape(params ReadOnlySpan<long> extents)
    {
        if (extents.Length > Limits.Rank)
        {
            throw Error.RankTooLarge(extents.Length);
        }

        Int128 elements = 1;
        Int128 nonZero = 1;
        foreach (long extent in extents)
        {
            if (extent < 0)
            {
                throw Error.NegativeExtent(extents);
            }

            elements *= extent;
            nonZero *= Math.Max(extent, 1);
            if (nonZero > Limits.Elements)
            {
                throw Error.TooManyElements(extents);
            }
        }

        Elements = (long)elements;
        _extents = [.. extents];
    }

    /// <summary>The shape of a scalar: rank 0, one element.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>Number of extents.</summary>
    public int Rank => _extents.Length;

    /// <summary>Number of elements, the product of the extents.</summary>
    public long Elements { get; }

    /// <summary>The extents.</summary>
    public ReadOnlySpan<long> Extents => _extents.AsSpan();

    /// <summary>The extent of an axis, outermost first.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public long this[int axis] => (uint)axis < (uint)_extents.Length ? _extents[axis] : throw Error.NoAxis(this, axis);

    /// <summary>The extent of an axis, counted from either end.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public long this[Index axis] => this[axis.GetOffset(_extents.Length)];

    /// <summary>The product of the extents of axes <paramref name="from"/> (inclusive) to <paramref name="to"/> (exclusive).</summary>
    public long Product(int from, int to)
    {
        long product = 1;
        for (int axis = from; axis < to; axis++)
        {
            product *= this[axis];
        }

        return product;
    }

    /// <summary>Row-major strides, in elements.</summary>
    public ImmutableArray<long> Strides()
    {
        long[] strides = new long[Rank];
        long stride = 1;
        for (int axis = Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(_extents[axis], 1);
        }

        return [.. strides];
    }

    /// <summary>The same shape with one axis replaced.</summary>
    public Shape With(int axis, long extent)
    {
        long[] extents = [.. _extents];
        extents[axis] = extent;
        return new Shape(extents);
    }

    /// <summary>The shape that two shapes broadcast to by ONNX's multidirectional rule.</summary>
    /// <exception cref="ArgumentException">They do not broadcast.</exception>
    public static Shape Broadcast(Shape a, Shape b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        long[] extents = new long[Math.Max(a.Rank, b.Rank)];
        for (int axis = 0; axis < extents.Length; axis++)
        {
            int axisA = axis - extents.Length + a.Rank;
            int axisB = axis - extents.Length + b.Rank;
            long extentA = axisA < 0 ? 1 : a[axisA];
            long extentB = axisB < 0 ? 1 : b[axisB];
            if (extentA != extentB && extentA != 1 && extentB != 1)
            {
                throw Error.NotBroadcastable(a, b);
            }

            extents[axis] = extentA == 1 ? extentB : extentA;
        }

        return new Shape(extents);
    }

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _extents.AsSpan().SequenceEqual(other._extents.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        long hash = Rank;
        foreach (long extent in _extents)
        {
            hash = unchecked((hash * 31) + extent);
        }

        return hash.GetHashCode();
    }

    /// <summary>The extents as they are written in messages: <c>[2,3,4]</c>.</summary>
    public override string ToString() => $"[{string.Join(',', _extents.Select(extent => extent))}]";
}
