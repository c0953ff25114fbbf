using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>How values between elements are found.</summary>
public enum Interpolation
{
    /// <summary>The nearest element.</summary>
    Nearest = 0,

    /// <summary>Two elements along each axis.</summary>
    Linear = 1,

    /// <summary>Four elements along each axis, Keys' cubic with a = −0.75.</summary>
    Cubic = 2,
}

/// <summary>What lies outside.</summary>
public enum Outside
{
    /// <summary>Elements of value +0.</summary>
    Zeros = 0,

    /// <summary>The nearest element inside.</summary>
    Border = 1,

    /// <summary>The elements mirrored at the borders.</summary>
    Reflection = 2,
}

/// <summary>What a coordinate counts.</summary>
public enum GridUnit
{
    /// <summary>−1 and 1 are the outer edges of the first and last element (ONNX's align_corners = 0).</summary>
    Edges = 0,

    /// <summary>−1 and 1 are the centres of the first and last element (align_corners = 1).</summary>
    Centres = 1,

    /// <summary>Elements: 0 is the centre of the first, extent − 1 that of the last.</summary>
    Elements = 2,
}

//
//  GridSample: X at the coordinates that a grid gives
//
//  Shapes   X [N, C, spatial..] (any type for Nearest, else real), grid [N, out.., d] real, d spatial axes -> Y [N, C, out..] of X's type
//  Reads    d coordinates, the last spatial axis first; then the elements of X around that point (1, 2^d or 4^d) in its own channel, less
//           those outside (Zeros) and those of weight 0; the whole channel, where it has fewer elements than that (not Nearest)
//  Order    each axis in f64: p = ((g + 1) * n - 1) / 2 (Edges), (g + 1) / 2 * (n - 1) (Centres), g (Elements); p is brought into
//           [-2^30, 2^30], NaN to -2^30. Nearest: p = rounded, halves away from 0 for d = 3, else to even. Bounds: -1/2 and n - 1/2 (Edges),
//           else 0 and n - 1. Outside them Border: p = clamp(p, 0, n - 1); Reflection: p mirrored at the bounds.
//           b = floor(p), r = p - b; weights Linear 1 - r, r at b, b + 1; Cubic those of numerics.md at b - 1 .. b + 2. An index outside
//           0 .. n - 1 is the element +0 (Zeros), the nearest end (Border), the index mirrored at the bounds (Reflection).
//           Axis after axis, the last first: the dot-product formula over the taps, ascending, from +0; a tap of weight 0 is left out
//  Rounding f64 steps as written, weights rounded once to f32 (none for f64); one per fma; f16, bf16: the result is rounded once
//  NaN      IEEE 754; with an extent of 0 the result is 0
//  Source   docs/numerics.md, section Resampling; ONNX GridSample-22
//

/// <summary>X at the coordinates that a grid gives.</summary>
/// <param name="mode">How values between elements are found.</param>
/// <param name="outside">What lies outside.</param>
/// <param name="unit">What a coordinate counts.</param>
public sealed class GridSample(Interpolation mode, Outside outside, GridUnit unit) : Op(
    "GridSample",
    1,
    new OpAttribute("mode", (long)mode),
    new OpAttribute("outside", (long)outside),
    new OpAttribute("unit", (long)unit))
{
    /// <summary>How values between elements are found.</summary>
    public Interpolation Mode { get; } = Enum.IsDefined(mode) ? mode : throw Error.AttributeUnknown("mode", (long)mode);

    /// <summary>What lies outside.</summary>
    public Outside Outside { get; } = Enum.IsDefined(outside) ? outside : throw Error.AttributeUnknown("outside", (long)outside);

    /// <summary>What a coordinate counts.</summary>
    public GridUnit Unit { get; } = Enum.IsDefined(unit) ? unit : throw Error.AttributeUnknown("unit", (long)unit);

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 2 && (Mode == Interpolation.Nearest || inputs[0].DType.IsReal()) && inputs[1].DType.IsReal(),
            "takes X and a real grid",
            inputs);
        Shape x = inputs[0].Shape;
        Shape grid = inputs[1].Shape;
        Require(
            x.Rank >= 3 && grid.Rank >= 2 && grid[0] == x[0] && grid[^1] == x.Rank - 2,
            "X [N, C, spatial..] and grid [N, out.., number of spatial axes]",
            inputs);
        return [inputs[0] with { Shape = new Shape([.. x.Extents[..2], .. grid.Extents[1..^1]]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        SampleAxis[] axes = new SampleAxis[x.Type(0).Shape.Rank - 2];
        for (int axis = 0; axis < axes.Length; axis++)
        {
            axes[axis] = new SampleAxis(Mode, Outside, Unit, x.Type(0).Shape[axis + 2], halvesAway: axes.Length == 3);
        }

        if (Mode == Interpolation.Nearest)
        {
            Nearest(x, axes, start, y);
        }
        else if (y.Type == DType.F64)
        {
            Between<double>(x, axes, start, y);
        }
        else
        {
            Between<float>(x, axes, start, y);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        int axes = reads.Shape(0).Rank - 2;
        long[] box = new long[axes + 2];
        Array.Fill(box, 1);
        box[1] = reads.Box[1];
        long points = new Footprint(reads.Box[0], reads.Box[2..]).Elements;
        reads.Add(0, new Footprint(Footprint.Multiply(points, Neighbours(axes)), [.. box]));
        reads.Add(1, [reads.Box[0], .. reads.Box[2..], axes]);
    }

    // Elements that a value is made of.
    private long Neighbours(int axes) => Mode switch
    {
        Interpolation.Nearest => 1,
        Interpolation.Linear => 1L << axes,
        _ => 1L << (2 * axes),
    };

    // Puts the axes at the point of element `index` of Y; gives the number of elements of X before its channel.
    private static long MoveTo(ElementReader x, SampleAxis[] axes, long index)
    {
        Shape shape = x.Type(0).Shape;
        Shape grid = x.Type(1).Shape;
        long points = grid.Product(1, grid.Rank - 1);
        (long plane, long point) = Math.DivRem(index, points);
        long at = ((plane / shape[1] * points) + point) * axes.Length;
        for (int axis = axes.Length - 1; axis >= 0; axis--, at++)
        {
            axes[axis].MoveTo(x.Type(1).DType == DType.F64 ? x.Load<double>(1, at) : x.Load<float>(1, at));
        }

        return plane * shape.Product(2, shape.Rank);
    }

    private static void Nearest(ElementReader x, SampleAxis[] axes, long start, ElementWriter y)
    {
        int size = y.Type.Size();
        for (int i = 0; i < y.Count; i++)
        {
            long plane = MoveTo(x, axes, start + i);
            long offset = 0;
            foreach (SampleAxis axis in axes)
            {
                offset = offset < 0 || axis.Index(0) < 0 ? -1 : (offset * axis.Extent) + axis.Index(0);
            }

            Span<byte> element = y.Bytes.Slice(i * size, size);
            if (offset < 0)
            {
                element.Clear();
            }
            else
            {
                x.Read(0, plane + offset, element);
            }
        }
    }

    // A plane of fewer elements than a value is made of is read as one: some of them count several times.
    private void Between<T>(ElementReader x, SampleAxis[] axes, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape shape = x.Type(0).Shape;
        long elements = shape.Product(2, shape.Rank);
        T[] small = elements < Neighbours(axes.Length) ? new T[elements] : [];
        long loaded = -1;
        for (int i = 0; i < y.Count; i++)
        {
            long plane = MoveTo(x, axes, start + i);
            if (small.Length > 0 && loaded != plane)
            {
                x.Load(0, plane, small);
                loaded = plane;
            }

            y.Store(i, Value(x, axes, 0, plane, 0, small));
        }
    }

    private static T Value<T>(ElementReader x, SampleAxis[] axes, int axis, long plane, long offset, T[] small)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        SampleAxis own = axes[axis];
        bool isLast = axis == axes.Length - 1;
        Span<T> run = stackalloc T[CubicTaps.Count];
        bool isRun = isLast && small.Length == 0 && own.IsRun;
        if (isRun)
        {
            x.Load(0, plane + (offset * own.Extent) + own.Index(0), run[..own.Taps]);
        }

        T sum = T.Zero;
        for (int tap = 0; tap < own.Taps; tap++)
        {
            T weight = T.CreateChecked(own.Weight(tap));
            if (weight == T.Zero)
            {
                continue;
            }

            long at = (offset * own.Extent) + own.Index(tap);
            T value = isRun ? run[tap]
                : own.Index(tap) < 0 ? T.Zero
                : !isLast ? Value(x, axes, axis + 1, plane, at, small)
                : small.Length > 0 ? small[at]
                : x.Load<T>(0, plane + at);
            sum = T.FusedMultiplyAdd(weight, value, sum);
        }

        return T.Zero + sum;
    }
}
