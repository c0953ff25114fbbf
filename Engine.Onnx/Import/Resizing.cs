using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Resize and Upsample: one axis after another, the last first, each by a table of taps that follows from the model.</summary>
internal static class Resizing
{
    // Before this opset neither coordinates nor rounding have names: elements are found at index / scale.
    private const int FirstNamed = 11;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new(
            "Resize",
            (1, 4),
            Resize,
            OneOf("mode", "nearest", "linear", "cubic"),
            OneOf(
                "coordinate_transformation_mode",
                "half_pixel",
                "half_pixel_symmetric",
                "pytorch_half_pixel",
                "align_corners",
                "asymmetric",
                "tf_half_pixel_for_nn",
                "tf_crop_and_resize") with { Since = FirstNamed },
            OneOf("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil") with { Since = FirstNamed },
            Float("cubic_coeff_a", since: FirstNamed),
            Int("exclude_outside", since: FirstNamed),
            Float("extrapolation_value", since: FirstNamed),
            Int("antialias", since: 18),
            Ints("axes", since: 18),
            OneOf("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller") with { Since = 18 }) { Since = 10 },
        new("Upsample", (1, 2), Upsample, OneOf("mode", "nearest", "linear"), new AttributeRule("scales", AttributeKind.Floats, Until: 8))
        {
            Since = 7,
            Until = 9,
        },
    ];

    private static ValueRef Upsample(NodeImport node)
    {
        Shape x = node.Shape(node.Input(0));
        double[] scales = node.Version < 9
            ? [.. (node.Attributes.Floats("scales") ?? throw node.Invalid("attribute 'scales' is missing")).Select(scale => (double)scale)]
            : Reals(node, 1) ?? throw node.Invalid("input 1 has no elements");
        return Apply(node, Unnamed(node), Scaled(node, x, [.. Enumerable.Range(0, x.Rank)], scales, null));
    }

    private static ValueRef Resize(NodeImport node)
    {
        Shape x = node.Shape(node.Input(0));
        if (node.Version < FirstNamed)
        {
            double[] all = Reals(node, 1) ?? throw node.Invalid("input 1 has no elements");
            return Apply(node, Unnamed(node), Scaled(node, x, [.. Enumerable.Range(0, x.Rank)], all, null));
        }

        OnnxAttributes attributes = node.Attributes;
        string coordinates = attributes.Text("coordinate_transformation_mode", "half_pixel");
        ResizeTaps taps = new(
            attributes.Text("mode", "nearest"),
            coordinates,
            attributes.Text("nearest_mode", "round_prefer_floor"),
            attributes.Float("cubic_coeff_a", (float)CubicTaps.Usual),
            attributes.Flag("exclude_outside"),
            attributes.Flag("antialias"));
        if (coordinates == "tf_half_pixel_for_nn" && node.Version > 12)
        {
            throw node.Unsupported($"coordinate_transformation_mode '{coordinates}' is not in opset {node.Version}");
        }

        if (taps.Mode == "nearest" && attributes.Flag("antialias"))
        {
            throw node.Invalid("nearest has no antialiasing");
        }

        ImmutableArray<int> axes = attributes.Ints("axes") is ImmutableArray<long> some
            ? [.. some.Select(axis => node.Axis(axis, x.Rank))]
            : [.. Enumerable.Range(0, x.Rank)];
        if (axes.Distinct().Count() != axes.Length)
        {
            throw node.Invalid("an axis occurs twice");
        }

        double[]? roi = coordinates == "tf_crop_and_resize" ? Reals(node, 1) : null;
        double[]? scales = Reals(node, 2);
        ImmutableArray<long>? sizes = node.Has(3) && node.Shape(node.Input(3)).Elements > 0 ? node.Integers(3) : null;
        bool isCropped = roi?.Length == 2 * axes.Length && roi.All(double.IsFinite);
        if ((coordinates == "tf_crop_and_resize" && !isCropped) || (scales is null) == (sizes is null))
        {
            throw node.Invalid("takes either scales or sizes, and roi [start.., end..] to crop");
        }

        return Apply(node, taps, scales is not null
            ? Scaled(node, x, axes, scales, roi)
            : Sized(node, x, axes, sizes!.Value, roi));
    }

    private static ResizeTaps Unnamed(NodeImport node)
        => new(node.Attributes.Text("mode", "nearest"), "asymmetric", ResizeTaps.Unnamed, (float)CubicTaps.Usual, excludeOutside: false, antialias: false);

    private static double[]? Reals(NodeImport node, int index)
    {
        if (!node.Has(index) || node.Shape(node.Input(index)).Elements == 0)
        {
            return null;
        }

        Tensor value = Backends.ReferenceBackend.Evaluate(new Cast(DType.F64), node.Value(index))[0];
        return value.As<double>().ToArray();
    }

    // The extent is the product of the f32 numbers, rounded to f32, rounded down.
    private static ImmutableArray<ResizeAxis> Scaled(NodeImport node, Shape x, ImmutableArray<int> axes, double[] scales, double[]? roi)
    {
        if (scales.Length != axes.Length || scales.Any(scale => !(scale > 0) || double.IsInfinity(scale)))
        {
            throw node.Invalid($"{scales.Length} scales for {axes.Length} axes, all above 0");
        }

        return
        [
            .. axes.Select((axis, i) =>
            {
                (double start, double end) = Region(roi, i, axes.Length);
                float part = roi is null ? x[axis] : (float)(x[axis] * (float)(end - start));
                double length = Math.Floor((float)(part * (float)scales[i]));
                return length is >= 0 and <= Limits.Elements
                    ? new ResizeAxis(axis, x[axis], (long)length, scales[i], scales[i] * x[axis], start, end)
                    : throw node.Invalid($"axis {axis} of {x} becomes {length}");
            }),
        ];
    }

    private static ImmutableArray<ResizeAxis> Sized(NodeImport node, Shape x, ImmutableArray<int> axes, ImmutableArray<long> sizes, double[]? roi)
    {
        if (sizes.Length != axes.Length || sizes.Any(size => size is < 0 or > Limits.Elements))
        {
            throw node.Invalid($"sizes [{string.Join(',', sizes)}] for {axes.Length} axes");
        }

        double[] scales = [.. axes.Select((axis, i) => (double)sizes[i] / x[axis])];
        string policy = node.Attributes.Text("keep_aspect_ratio_policy", "stretch");
        if (policy != "stretch" && scales.Length > 0)
        {
            double scale = policy == "not_larger" ? scales.Min() : scales.Max();
            Array.Fill(scales, scale);
            double[] kept = [.. axes.Select(axis => Math.Floor((scale * x[axis]) + 0.5))];
            sizes = kept.All(size => size is >= 0 and <= Limits.Elements)
                ? [.. kept.Select(size => (long)size)]
                : throw node.Invalid($"{x} has no aspect ratio");
        }

        return
        [
            .. axes.Select((axis, i) =>
            {
                (double start, double end) = Region(roi, i, axes.Length);
                return new ResizeAxis(axis, x[axis], sizes[i], scales[i], sizes[i], start, end);
            }),
        ];
    }

    private static (double Start, double End) Region(double[]? roi, int index, int axes)
        => roi is null ? (0, 1) : (roi[index], roi[axes + index]);

    private static ValueRef Apply(NodeImport node, ResizeTaps taps, ImmutableArray<ResizeAxis> axes)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        DType type = node.DType(x);
        foreach (ResizeAxis axis in axes)
        {
            if (axis.From == 0 && axis.To > 0)
            {
                throw node.Invalid($"axis {axis.Axis} of {shape} has nothing to make {axis.To} elements of");
            }

            shape = shape.With(axis.Axis, axis.To);
        }

        if (shape.Elements == 0)
        {
            return node.Expand(node.Scalar(type, 0), shape);
        }

        foreach (ResizeAxis axis in axes)
        {
            node.Table((Int128)axis.To * taps.Taps(axis));
        }

        bool isNearest = taps.Mode == "nearest";
        if (!isNearest && type == DType.Bool)
        {
            throw node.Invalid("truth values have only nearest elements");
        }

        DType wide = isNearest ? type : type.IsSingle() ? DType.F32 : DType.F64;
        ImmutableArray<ResizeAxis> lastFirst = [.. axes.OrderByDescending(axis => axis.Axis)];
        ValueRef y = node.Cast(x, wide);
        y = isNearest
            ? Nearest(node, y, taps, lastFirst)
            : lastFirst.Aggregate(y, (value, axis) => Weighed(node, value, taps.Of(axis), axis));
        foreach (ResizeAxis axis in lastFirst)
        {
            y = Extrapolated(node, y, taps, axis);
        }

        return node.Cast(y, type);
    }

    private static ValueRef Weighed(NodeImport node, ValueRef x, TapTable table, ResizeAxis axis)
    {
        if (table.IsIdentity(axis.From))
        {
            return x;
        }

        Shape shape = new(table.Rows, table.Taps);
        Tensor weights = node.DType(x) == DType.F64
            ? Tensor.Of(DType.F64, shape, table.Weights.AsSpan())
            : Tensor.Of(DType.F32, shape, [.. table.Weights.Select(weight => (float)weight)]);
        ValueRef indices = node.Literal(Tensor.Of(DType.I64, shape, table.Indices.AsSpan()));
        return node.Add(new Resample(axis.Axis), x, indices, node.Literal(weights));
    }

    // Regular choices are views; those that repeat each element need one copy for all axes.
    private static ValueRef Nearest(NodeImport node, ValueRef x, ResizeTaps taps, ImmutableArray<ResizeAxis> axes)
    {
        Dictionary<int, long> repeats = [];
        foreach (ResizeAxis axis in axes)
        {
            ImmutableArray<long> indices = taps.Of(axis).Indices;
            long step = indices.Length > 1 ? indices[1] - indices[0] : 1;
            long repeat = indices.Length / axis.From;
            if (indices.Select((index, j) => index == indices[0] + (step * j)).All(holds => holds))
            {
                x = node.Slice(x, axis.Axis, indices[0], step, indices.Length);
            }
            else if (repeat * axis.From == indices.Length && indices.Select((index, j) => index == j / repeat).All(holds => holds)
                && node.Shape(x).Rank + repeats.Count < Limits.Rank)
            {
                repeats.Add(axis.Axis, repeat);
            }
            else
            {
                x = node.Add(new Gather(axis.Axis), x, node.Literal(Scalars.Vector(indices.AsSpan())));
            }
        }

        ImmutableArray<long> extents = [.. node.Shape(x).Extents];
        IEnumerable<long> Parts(bool repeated) => extents.SelectMany((extent, axis)
            => repeats.TryGetValue(axis, out long repeat) ? new[] { extent, repeated ? repeat : 1 } : [extent]);
        ValueRef apart = node.Expand(node.Reshape(x, new Shape([.. Parts(repeated: false)])), new Shape([.. Parts(repeated: true)]));
        return node.Reshape(apart, new Shape([.. extents.Select((extent, axis) => extent * repeats.GetValueOrDefault(axis, 1))]));
    }

    // Where the coordinate of an axis lies outside X, the result is a given value.
    private static ValueRef Extrapolated(NodeImport node, ValueRef y, ResizeTaps taps, ResizeAxis axis)
    {
        bool[] outside = [.. Enumerable.Range(0, (int)axis.To).Select(j => taps.IsOutside(axis, j))];
        if (!outside.Contains(true))
        {
            return y;
        }

        Shape shape = node.Shape(y);
        ValueRef mask = node.Literal(Tensor.Of<bool>(DType.Bool, new Shape([axis.To, .. Enumerable.Repeat(1L, shape.Rank - axis.Axis - 1)]), outside));
        ValueRef value = node.Scalar(node.DType(y), node.Attributes.Float("extrapolation_value", 0));
        return node.Add(Where.Instance, node.Expand(mask, shape), node.Expand(value, shape), y);
    }
}
