using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  MaxRoiPool: the largest element of X in the bins of boxes
//
//  Shapes   X [N, C, H, W] real, boxes B [R, 5] of X's type (batch, x1, y1, x2, y2) -> Y [R, C, height, width]
//  Reads    the box; the elements of X in the bin
//  Order    along each axis in f64: e = B * scale, rounded to an integer, halves away from 0, brought into [-2^30, 2^30], NaN to 0;
//           length = max(end - start + 1, 1); bin = length / bins; elements floor(i * bin) + start up to, and without,
//           ceil((i + 1) * bin) + start, as far as they lie in X. The largest of them; +0 where there is none
//  Rounding exact
//  NaN      NaN wins, +0 above -0. The batch is truncated and brought to the nearest end; without elements X gives +0
//  Source   docs/numerics.md, section Resampling; ONNX MaxRoiPool-22
//

/// <summary>The largest element of X in the bins of boxes.</summary>
/// <param name="height">Bins along H.</param>
/// <param name="width">Bins along W.</param>
/// <param name="scale">What coordinates of boxes are multiplied by.</param>
public sealed class MaxRoiPool(long height, long width, float scale) : Op(
    "MaxRoiPool", 1, new OpAttribute("height", height), new OpAttribute("width", width), OpAttribute.Of("scale", scale))
{
    private const long Largest = 1L << 20;
    private const int Fields = 5;
    private const int Block = 256;

    /// <summary>Bins along H.</summary>
    public long Height { get; } = OpAttribute.Held("height", height, 1, Largest);

    /// <summary>Bins along W.</summary>
    public long Width { get; } = OpAttribute.Held("width", width, 1, Largest);

    /// <summary>What coordinates of boxes are multiplied by.</summary>
    public float Scale { get; } = scale;

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 2 && inputs[0].DType.IsReal() && inputs[0].Shape.Rank == 4
            && inputs[1].DType == inputs[0].DType && inputs[1].Shape.Rank == 2 && inputs[1].Shape[1] == Fields,
            "takes a real X [N, C, H, W] and boxes [R, 5] of its type",
            inputs);
        return [inputs[0] with { Shape = new Shape(inputs[1].Shape[0], inputs[0].Shape[1], Height, Width) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (y.Type == DType.F64)
        {
            Evaluate<double>(x, start, y);
        }
        else
        {
            Evaluate<float>(x, start, y);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        Shape x = reads.Shape(0);
        long bins = new Footprint(1, [reads.Box[0], .. reads.Box[2..]]).Elements;
        reads.Add(0, new Footprint(bins, [1, reads.Box[1], x[2], x[3]]));
        reads.Add(1, reads.Box[0], Fields);
    }

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape shape = x.Type(0).Shape;
        Span<T> box = stackalloc T[Fields];
        Span<T> line = stackalloc T[Block];
        for (int i = 0; i < y.Count; i++)
        {
            (long bin, long column) = Math.DivRem(start + i, Width);
            (long plane, long row) = Math.DivRem(bin, Height);
            (long roi, long channel) = Math.DivRem(plane, shape[1]);
            x.Load(1, roi * Fields, box);
            long batch = (long)Math.Clamp(Number(box[0]), 0, Math.Max(shape[0] - 1, 0));
            (long top, long bottom) = Bin(box[2], box[4], Height, row, shape[2]);
            (long left, long right) = Bin(box[1], box[3], Width, column, shape[3]);
            bool isEmpty = top >= bottom || left >= right || shape.Elements == 0;
            T best = isEmpty ? T.Zero : T.NegativeInfinity;
            for (long at = top; at < bottom && !isEmpty; at++)
            {
                long first = ((((batch * shape[1]) + channel) * shape[2]) + at) * shape[3];
                for (long from = left; from < right; from += Block)
                {
                    Span<T> part = line[..(int)Math.Min(Block, right - from)];
                    x.Load(0, first + from, part);
                    foreach (T value in part)
                    {
                        best = T.Max(best, value);
                    }
                }
            }

            y.Store(i, best);
        }
    }

    private (long First, long End) Bin<T>(T from, T to, long bins, long index, long extent)
        where T : IFloatingPointIeee754<T>
    {
        double start = Place(from);
        double end = Place(to);
        double bin = Math.Max(end - start + 1, 1) / bins;
        double first = Math.Floor(index * bin) + start;
        double last = Math.Ceiling((index + 1) * bin) + start;
        return ((long)Math.Clamp(first, 0, extent), (long)Math.Clamp(last, 0, extent));
    }

    // Rounded half away from zero, at most 2^30 from the origin; NaN is 0.
    private double Place<T>(T coordinate)
        where T : IFloatingPointIeee754<T>
    {
        const double Farthest = 1 << 30;
        double scaled = Number(coordinate) * Scale;
        double rounded = scaled >= 0 ? Math.Floor(scaled + 0.5) : Math.Ceiling(scaled - 0.5);
        return double.IsNaN(rounded) ? 0 : Math.Clamp(rounded, -Farthest, Farthest);
    }

    // NaN is 0; infinities become numbers that can be multiplied.
    private static double Number<T>(T value)
        where T : IFloatingPointIeee754<T>
    {
        double number = double.CreateChecked(value);
        return double.IsNaN(number) ? 0 : Math.Clamp(number, -1e40, 1e40);
    }
}
