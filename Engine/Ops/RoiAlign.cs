using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>What RoiAlign makes of the samples of a bin.</summary>
public enum RoiPooling
{
    /// <summary>Their mean.</summary>
    Average = 0,

    /// <summary>The largest of their weighted elements.</summary>
    Maximum = 1,
}

//
//  RoiAlign: samples of X in the bins of boxes
//
//  Shapes   X [N, C, H, W] real, boxes B [R, 4] of X's type (x1, y1, x2, y2), batch I [R] i32 or i64 -> Y [R, C, height, width]
//  Reads    the box and its batch; where s = samples > 0 and 4 * s * s < H * W the four neighbours of each of the s * s points; else the
//           whole plane (s > 0), or what lies between the first and the last point in X (s = 0)
//  Order    along each axis in f64: e = fl(B * scale) - (half_pixel ? 1/2 : 0), brought into [-2^30, 2^30], NaN to 0; length = end -
//           start, without half_pixel at least 1; bin = length / bins; g = s, or ceil(length / bins) where s = 0 (0 if that is below 0);
//           point j of bin i: p = (start + i * bin) + (j + 1/2) * bin / g. A point with p < -1 or p > n along either axis is outside.
//           Else p = max(p, 0), low = floor(p), high = low + 1; if low >= n - 1, low = high = p = n - 1; l = p - low, h = 1 - l.
//           Weights hy * hx, hy * lx, ly * hx, ly * lx of (low, low), (low, high), (high, low), (high, high), y first.
//           Average: each point is the dot-product formula over its four elements; they are summed in turn from +0, y first, outside +0;
//           one division by max(1, gy * gx). Maximum: the largest product of weight and element; outside it is +0; without points +0
//  Rounding f64 steps as written, weights rounded once to f32 (none for f64); f16, bf16: the result is rounded once
//  NaN      IEEE 754; Maximum: NaN wins, +0 above -0. A batch out of range is brought to the nearest end; without elements X gives +0
//  Source   docs/numerics.md, section Resampling; ONNX RoiAlign-22
//

/// <summary>Samples of X in the bins of boxes.</summary>
/// <param name="pooling">What is made of the samples of a bin.</param>
/// <param name="height">Bins along H.</param>
/// <param name="width">Bins along W.</param>
/// <param name="samples">Points along each axis of a bin; 0 takes as many as a bin has elements, rounded up.</param>
/// <param name="scale">What coordinates of boxes are multiplied by.</param>
/// <param name="halfPixel">Whether half an element is taken off them.</param>
public sealed class RoiAlign(RoiPooling pooling, long height, long width, long samples, float scale, bool halfPixel) : Op(
    "RoiAlign",
    1,
    new OpAttribute("pooling", (long)pooling),
    new OpAttribute("height", height),
    new OpAttribute("width", width),
    new OpAttribute("samples", samples),
    OpAttribute.Of("scale", scale),
    OpAttribute.Of("half_pixel", halfPixel))
{
    private const long Largest = 1L << 20;

    // A bin of as many points squared is as much work as checking one element may be.
    private const long MostSamples = 512;

    /// <summary>What is made of the samples of a bin.</summary>
    public RoiPooling Pooling { get; } = Enum.IsDefined(pooling) ? pooling : throw Error.AttributeUnknown("pooling", (long)pooling);

    /// <summary>Bins along H.</summary>
    public long Height { get; } = OpAttribute.Held("height", height, 1, Largest);

    /// <summary>Bins along W.</summary>
    public long Width { get; } = OpAttribute.Held("width", width, 1, Largest);

    /// <summary>Points along each axis of a bin; 0 takes as many as a bin has elements, rounded up.</summary>
    public long Samples { get; } = OpAttribute.Held("samples", samples, 0, MostSamples);

    /// <summary>What coordinates of boxes are multiplied by.</summary>
    public float Scale { get; } = scale;

    /// <summary>Whether half an element is taken off them.</summary>
    public bool HalfPixel { get; } = halfPixel;

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 3 && inputs[0].DType.IsReal() && inputs[0].Shape.Rank == 4, "takes a real X [N, C, H, W], boxes and batch", inputs);
        Require(
            inputs[1].DType == inputs[0].DType && inputs[1].Shape.Rank == 2 && inputs[1].Shape[1] == 4
            && inputs[2].DType is DType.I32 or DType.I64 && inputs[2].Shape.Equals(new Shape(inputs[1].Shape[0])),
            "boxes [R, 4] of X's type, batch [R] of i32 or i64",
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

    /// <summary>Where a coordinate of a box lies, in elements of X.</summary>
    public double Edge<T>(T value)
        where T : IFloatingPointIeee754<T>
    {
        const double Farthest = 1 << 30;
        double edge = (double.CreateChecked(value) * Scale) - (HalfPixel ? 0.5 : 0);
        return double.IsNaN(edge) ? 0 : Math.Clamp(edge, -Farthest, Farthest);
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        Shape x = reads.Shape(0);
        long bins = new Footprint(1, [reads.Box[0], .. reads.Box[2..]]).Elements;
        reads.Add(0, IsFew(x)
            ? new Footprint(Footprint.Multiply(bins, 2 * Samples * Samples), [1, reads.Box[1], 1, 2])
            : new Footprint(bins, [1, reads.Box[1], x[2], x[3]]));
        reads.Add(1, reads.Box[0], 4);
        reads.Add(2, reads.Box[0]);
    }

    // Whether the points of a bin have fewer neighbours than a plane of X has elements.
    private bool IsFew(Shape x) => Samples > 0 && 4 * Samples * Samples < x[2] * x[3];

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape shape = x.Type(0).Shape;
        RoiAxis rows = new(shape[2], Height, Samples);
        RoiAxis columns = new(shape[3], Width, Samples);
        Span<T> box = stackalloc T[4];
        for (int i = 0; i < y.Count; i++)
        {
            (long bin, long column) = Math.DivRem(start + i, Width);
            (long plane, long row) = Math.DivRem(bin, Height);
            (long roi, long channel) = Math.DivRem(plane, shape[1]);
            x.Load(1, roi * 4, box);
            if (shape.Elements == 0)
            {
                y.Store(i, T.Zero);
                continue;
            }

            columns.MoveTo(Edge(box[0]), Edge(box[2]), HalfPixel, column);
            rows.MoveTo(Edge(box[1]), Edge(box[3]), HalfPixel, row);
            long batch = Math.Clamp(x.Load<long>(2, roi), 0, shape[0] - 1);
            RoiPatch<T> patch = new(x, ((batch * shape[1]) + channel) * shape[2] * shape[3], rows, columns, isFew: IsFew(shape));
            y.Store(i, Pooling == RoiPooling.Average ? patch.Average() : patch.Maximum());
        }
    }
}
