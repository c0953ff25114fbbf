using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>How one axis is resized.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="From">Elements before.</param>
/// <param name="To">Elements after.</param>
/// <param name="Scale">The scale: as given, or To / From.</param>
/// <param name="Width">From · Scale, which may have a fraction where the scale was given.</param>
/// <param name="Start">Where the region of interest starts, in parts of the axis.</param>
/// <param name="End">Where it ends.</param>
internal sealed record ResizeAxis(int Axis, long From, long To, double Scale, double Width, double Start, double End);

/// <summary>For each element of an axis the elements that it is made of: as many taps in each row.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Taps">Taps of a row.</param>
/// <param name="Indices">Rows · Taps indices within the axis.</param>
/// <param name="Weights">Their weights.</param>
internal sealed record TapTable(int Rows, int Taps, ImmutableArray<long> Indices, ImmutableArray<double> Weights)
{
    /// <summary>Whether every element is itself, alone.</summary>
    internal bool IsIdentity(long extent)
        => Rows == extent && Indices.Select((index, i) => Weights[i] == 0 || (Weights[i] == 1 && index == i / Taps)).All(holds => holds);
}

/// <summary>The taps of Resize, in f64 as ONNX writes the formulas; docs/numerics.md, section Resampling.</summary>
/// <param name="mode">nearest, linear or cubic.</param>
/// <param name="coordinates">ONNX's coordinate_transformation_mode.</param>
/// <param name="nearest">ONNX's nearest_mode, or <see cref="Unnamed"/>.</param>
/// <param name="a">Coefficient of the cubic.</param>
/// <param name="excludeOutside">Whether taps outside count nothing.</param>
/// <param name="antialias">Whether the filter is stretched when there are fewer elements than before.</param>
internal sealed class ResizeTaps(string mode, string coordinates, string nearest, float a, bool excludeOutside, bool antialias)
{
    /// <summary>The rounding before it had a name: down, or up where there are fewer elements than before.</summary>
    internal const string Unnamed = "";

    internal string Mode => mode;

    /// <summary>Taps of a row.</summary>
    internal int Taps(ResizeAxis axis) => mode switch
    {
        "nearest" => 1,
        "linear" => checked(-2 * (int)Math.Floor(-1 / Stretch(axis))),
        _ => checked(-2 * (int)Math.Floor(-2 / Stretch(axis))),
    };

    /// <summary>The taps of every row, in a table that fits memory.</summary>
    internal TapTable Of(ResizeAxis axis)
    {
        int rows = (int)axis.To;
        double stretch = Stretch(axis);
        int taps = Taps(axis);
        int first = (2 - taps) / 2;
        long[] indices = new long[rows * taps];
        double[] weights = new double[indices.Length];
        for (int row = 0; row < rows; row++)
        {
            double position = Position(axis, row);
            Span<long> index = indices.AsSpan(row * taps, taps);
            Span<double> weight = weights.AsSpan(row * taps, taps);
            if (mode == "nearest")
            {
                (index[0], weight[0]) = (Nearest(position, axis), 1);
                continue;
            }

            // The element at the position counts as the right one of its neighbours.
            double left = Math.Ceiling(position) - 1;
            Weigh(position - left, first, stretch, weight);
            for (int tap = 0; tap < taps; tap++)
            {
                double at = left + first + tap;
                weight[tap] = excludeOutside && (at < 0 || at >= axis.From) ? 0 : weight[tap];
                index[tap] = (long)Math.Clamp(at, 0, axis.From - 1);
            }

            if (excludeOutside)
            {
                Normalise(weight);
            }
        }

        return new TapTable(rows, taps, [.. indices], [.. weights]);
    }

    /// <summary>Whether an element lies outside the axis, so that its value is extrapolated.</summary>
    internal bool IsOutside(ResizeAxis axis, long index)
        => coordinates == "tf_crop_and_resize" && !(Position(axis, index) is double position && position >= 0 && position <= axis.From - 1);

    // How far apart the elements of the filter stand.
    private double Stretch(ResizeAxis axis) => antialias ? Math.Min(axis.Scale, 1) : 1;

    // Where the element lies among those before.
    private double Position(ResizeAxis axis, long index)
    {
        double half = ((index + 0.5) / axis.Scale) - 0.5;
        switch (coordinates)
        {
            case "half_pixel":
                return half;
            case "half_pixel_symmetric":
                double offset = axis.From / 2.0 * (1 - (axis.To / axis.Width));
                return offset + half;
            case "pytorch_half_pixel":
                return axis.To > 1 ? half : 0;
            case "align_corners":
                return axis.To > 1 ? index * (double)(axis.From - 1) / (axis.To - 1) : 0;
            case "tf_half_pixel_for_nn":
                return (index + 0.5) / axis.Scale;
            case "tf_crop_and_resize":
                return axis.To > 1
                    ? (axis.Start * (axis.From - 1)) + (index * (axis.End - axis.Start) * (axis.From - 1) / (axis.To - 1))
                    : 0.5 * (axis.Start + axis.End) * (axis.From - 1);
            default:
                return index / axis.Scale;
        }
    }

    private long Nearest(double position, ResizeAxis axis)
    {
        double below = Math.Floor(position);
        double rest = position - below;
        bool isUp = nearest switch
        {
            "round_prefer_floor" => rest > 0.5,
            "round_prefer_ceil" => rest >= 0.5,
            "floor" => false,
            "ceil" => rest > 0,
            _ => axis.Scale < 1 && rest > 0,
        };
        return (long)Math.Clamp(isUp ? below + 1 : below, 0, axis.From - 1);
    }

    private void Weigh(double ratio, int first, double stretch, Span<double> weights)
    {
        if (mode == "linear" && !antialias)
        {
            (weights[0], weights[1]) = (1 - ratio, ratio);
            return;
        }

        if (!antialias)
        {
            CubicTaps.Weigh(ratio, a, weights);
            return;
        }

        for (int tap = 0; tap < weights.Length; tap++)
        {
            double distance = Math.Abs((first + tap - ratio) * stretch);
            weights[tap] = mode == "linear" ? Math.Max(1 - distance, 0) : Cubic(distance);
        }

        Normalise(weights);
    }

    private double Cubic(double x)
    {
        double a2 = (double)a + 2;
        double a3 = (double)a + 3;
        return x <= 1 ? (a2 * (x * x * x)) - (a3 * (x * x)) + 1
            : x < 2 ? (a * (x * x * x)) - (5 * (double)a * (x * x)) + (8 * (double)a * x) - (4 * (double)a)
            : 0;
    }

    private static void Normalise(Span<double> weights)
    {
        double sum = 0;
        foreach (double weight in weights)
        {
            sum += weight;
        }

        foreach (ref double weight in weights)
        {
            weight /= sum;
        }
    }
}
