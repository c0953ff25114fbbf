using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>What can be read of one value, wherever it is read: at most <paramref name="Count"/> boxes, each of at most these extents along
/// the axes of the value's shape. An upper bound that follows from shapes alone.</summary>
/// <param name="Count">Number of boxes; 0 where nothing is read.</param>
/// <param name="Box">Extents of a box, one for each axis of the value, never above the value's own.</param>
public readonly record struct Footprint(long Count, ImmutableArray<long> Box)
{
    /// <summary>Number of elements of all boxes together; the largest 64-bit number stands for itself and everything above.</summary>
    public long Elements => Box.Aggregate(Count, Multiply);

    /// <summary>One element.</summary>
    public static Footprint Element(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new Footprint(1, Enumerable.Repeat(1L, shape.Rank).ToImmutableArray()).Within(shape);
    }

    /// <summary>Everything.</summary>
    public static Footprint Whole(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new Footprint(1, [.. shape.Extents]).Within(shape);
    }

    /// <summary>Nothing.</summary>
    public static Footprint None(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new(0, [.. shape.Extents.ToArray().Select(_ => 0L)]);
    }

    /// <inheritdoc/>
    public bool Equals(Footprint other) => Count == other.Count && Box.AsSpan().SequenceEqual(other.Box.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Count.GetHashCode() ^ Elements.GetHashCode();

    /// <summary>As written in messages: <c>3 of [1,16,5]</c>.</summary>
    public override string ToString() => $"{Count} of [{string.Join(',', Box)}]";

    /// <summary>a·b, held at the largest 64-bit number; both are not negative.</summary>
    internal static long Multiply(long a, long b) => (long)Int128.Min((Int128)a * b, long.MaxValue);

    /// <summary>The same for each of several boxes of an output.</summary>
    internal Footprint Times(long count) => this with { Count = Multiply(Count, count) };

    /// <summary>The same, no box beyond the shape; boxes that could hold all of it are one box, all of it.</summary>
    /// <exception cref="ArgumentException">The box has another rank, or a number is negative.</exception>
    internal Footprint Within(Shape shape)
    {
        if (Box.IsDefault || Box.Length != shape.Rank || Count < 0 || Box.Any(extent => extent < 0))
        {
            throw Error.FootprintOf(shape);
        }

        Footprint held = this with { Box = [.. Box.Select((extent, axis) => Math.Min(extent, shape[axis]))] };
        return held.Elements == 0 ? None(shape)
            : held.Elements >= shape.Elements ? new(1, [.. shape.Extents])
            : held;
    }
}

/// <summary>Collects what evaluating one box of an output reads, slot by slot. A slot that is not named is not read.</summary>
internal sealed class Reads
{
    private readonly ImmutableArray<TensorType> _types;
    private readonly Footprint[] _footprints;

    /// <param name="inputs">Types of the inputs.</param>
    /// <param name="outputs">Types of the outputs.</param>
    /// <param name="output">The output that is evaluated.</param>
    /// <param name="box">Extents of the box, none of them 0.</param>
    internal Reads(ReadOnlySpan<TensorType> inputs, ImmutableArray<TensorType> outputs, int output, ImmutableArray<long> box)
    {
        _types = [.. inputs, .. outputs];
        _footprints = [.. _types.Select(type => Footprint.None(type.Shape))];
        Inputs = inputs.Length;
        Output = output;
        Box = box;
    }

    /// <summary>Number of inputs; own outputs are the slots from there on.</summary>
    internal int Inputs { get; }

    /// <summary>The output that is evaluated.</summary>
    internal int Output { get; }

    /// <summary>Extents of the box of that output.</summary>
    internal ImmutableArray<long> Box { get; }

    /// <summary>Shape of a slot.</summary>
    internal Shape Shape(int slot) => _types[slot].Shape;

    /// <summary>One box.</summary>
    internal void Add(int slot, params ImmutableArray<long> box) => Add(slot, new Footprint(1, box));

    /// <summary>Some boxes.</summary>
    internal void Add(int slot, Footprint footprint) => _footprints[slot] = footprint;

    /// <summary>The same box of every input.</summary>
    internal void SameOfAll()
    {
        for (int slot = 0; slot < Inputs; slot++)
        {
            Add(slot, Box);
        }
    }

    /// <summary>For each slot what <paramref name="count"/> boxes read.</summary>
    internal ImmutableArray<Footprint> Of(long count)
        => [.. _footprints.Select((footprint, slot) => footprint.Within(Shape(slot)).Times(count).Within(Shape(slot)))];

    /// <summary>Boxes of extents <paramref name="outer"/> that hold <paramref name="count"/> consecutive elements, wherever they start, of the
    /// remaining axes of a shape, flattened row-major: the better of one box around all, and a box for each line of the last axis.</summary>
    internal static Footprint Run(Shape shape, ImmutableArray<long> outer, long count)
    {
        long[] box = new long[shape.Rank];
        outer.CopyTo(box);
        long[] lines = [.. box];
        bool wraps = false;
        for (int axis = outer.Length; axis < shape.Rank; axis++)
        {
            // Elements of one step along this axis. Where an axis outside it has more than one, a run may go over its end.
            long step = shape.Product(axis + 1, shape.Rank);
            box[axis] = count <= 1 ? 1 : wraps ? shape[axis] : Math.Min(shape[axis], ((count - 2) / Math.Max(step, 1)) + 2);
            wraps |= shape[axis] > 1;
            lines[axis] = 1;
        }

        Footprint one = new(1, [.. box]);
        if (outer.Length >= shape.Rank - 1)
        {
            return one;
        }

        long line = Math.Max(shape[^1], 1);
        lines[^1] = Math.Min(line, count);
        Footprint many = new(count <= 1 ? 1 : ((count - 2) / line) + 2, [.. lines]);
        return many.Elements < one.Elements ? many : one;
    }
}
