using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators that take elements at coordinates computed while the model runs.</summary>
internal static class Sampling
{
    // Since this opset X may have more than two spatial axes, and modes have other names.
    private const int FirstSpatial = 20;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new(
            "GridSample",
            (2, 2),
            Grid,
            OneOf("mode", "bilinear", "linear", "nearest", "bicubic", "cubic"),
            OneOf("padding_mode", "zeros", "border", "reflection"),
            Int("align_corners")) { Since = 16 },
        new("AffineGrid", (2, 2), Affine, Int("align_corners")) { Since = 20 },
        new(
            "RoiAlign",
            (3, 3),
            Aligned,
            OneOf("mode", "avg", "max"),
            Int("output_height"),
            Int("output_width"),
            Int("sampling_ratio"),
            Float("spatial_scale"),
            OneOf("coordinate_transformation_mode", "half_pixel", "output_half_pixel") with { Since = 16 }) { Since = 10 },
        new("MaxRoiPool", (2, 2), MaximumOfRegions, Ints("pooled_shape") with { IsRequired = true }, Float("spatial_scale")) { Since = 1 },
        new("DeformConv", (3, 5), Deformed, Ints("kernel_shape"), Ints("strides"), Ints("pads"), Ints("dilations"), Int("group"), Int("offset_group"))
        {
            Since = 19,
        },
    ];

    private static ValueRef Grid(NodeImport node)
    {
        ValueRef x = node.Input(0);
        DType type = node.DType(x);
        string name = node.Attributes.Text("mode", node.Version < FirstSpatial ? "bilinear" : "linear");
        Interpolation mode = name switch
        {
            "nearest" => Interpolation.Nearest,
            "bilinear" or "linear" => Interpolation.Linear,
            _ => Interpolation.Cubic,
        };
        bool isOld = name is "bilinear" or "bicubic";
        if (mode != Interpolation.Nearest && isOld != (node.Version < FirstSpatial))
        {
            throw node.Unsupported($"attribute 'mode' = '{name}' is not in opset {node.Version}");
        }

        if (node.Version < FirstSpatial && node.Shape(x).Rank != 4)
        {
            throw node.Invalid($"{node.Type(x)} does not have two spatial axes");
        }

        Outside outside = node.Attributes.Text("padding_mode", "zeros") switch
        {
            "border" => Outside.Border,
            "reflection" => Outside.Reflection,
            _ => Outside.Zeros,
        };
        GridSample op = new(mode, outside, node.Attributes.Flag("align_corners") ? GridUnit.Centres : GridUnit.Edges);
        bool isReal = type.IsReal() || mode == Interpolation.Nearest;
        return node.Cast(node.Add(op, isReal ? x : node.Cast(x, DType.F64), node.Input(1)), type);
    }

    // The product of theta and the coordinates of a plain grid, in f64.
    private static ValueRef Affine(NodeImport node)
    {
        ValueRef theta = node.Input(0);
        ImmutableArray<long> size = node.Integers(1);
        int axes = size.Length - 2;
        if (axes is not (2 or 3) || !node.Shape(theta).Equals(new Shape(size[0], axes, axes + 1)))
        {
            throw node.Invalid($"{node.Type(theta)} does not fit the size [{string.Join(',', size)}]");
        }

        Shape points = new(size.AsSpan()[2..]);
        bool centres = node.Attributes.Flag("align_corners");
        double[] plain = new double[node.Table((Int128)points.Elements * (axes + 1))];
        for (long point = 0; point < points.Elements; point++)
        {
            Span<double> row = plain.AsSpan((int)point * (axes + 1), axes + 1);
            long rest = point;
            for (int axis = axes - 1; axis >= 0; axis--)
            {
                (rest, long i) = Math.DivRem(rest, points[axis]);
                row[axes - 1 - axis] = Coordinate(i, points[axis], centres);
            }

            row[axes] = 1;
        }

        ValueRef grid = node.Literal(Tensor.Of(DType.F64, new Shape(1, points.Elements, axes + 1), plain.AsSpan()));
        ValueRef y = node.Add(Dot.Plain, node.Expand(grid, new Shape(size[0], points.Elements, axes + 1)), node.Cast(theta, DType.F64));
        return node.Cast(node.Reshape(y, new Shape([size[0], .. points.Extents, axes])), node.DType(theta));
    }

    private static double Coordinate(long index, long extent, bool centres)
    {
        double step = 2.0 / (centres ? extent - 1 : extent);
        return centres
            ? index == 0 ? -1 : -1 + (index * step)
            : -1 + (step / 2) + (index * step);
    }

    private static ValueRef Aligned(NodeImport node)
    {
        OnnxAttributes attributes = node.Attributes;
        string coordinates = attributes.Text("coordinate_transformation_mode", node.Version < 16 ? "output_half_pixel" : "half_pixel");
        RoiAlign op = new(
            attributes.Text("mode", "avg") == "max" ? RoiPooling.Maximum : RoiPooling.Average,
            attributes.Int("output_height", 1),
            attributes.Int("output_width", 1),
            Math.Max(attributes.Int("sampling_ratio", 0), 0),
            attributes.Float("spatial_scale", 1),
            coordinates == "half_pixel");
        return node.Add(op, node.Input(0), node.Input(1), node.Input(2));
    }

    private static ValueRef MaximumOfRegions(NodeImport node)
    {
        ImmutableArray<long> bins = node.Attributes.Ints("pooled_shape") ?? [];
        return bins.Length == 2
            ? node.Add(new MaxRoiPool(bins[0], bins[1], node.Attributes.Float("spatial_scale", 1)), node.Input(0), node.Input(1))
            : throw node.Invalid("attribute 'pooled_shape' does not have two entries");
    }

    // Samples for every tap of every window, then products of rows: taps times channels by the kernels.
    private static ValueRef Deformed(NodeImport node)
    {
        Shape x = node.Shape(node.Input(0));
        Shape w = node.Shape(node.Input(1));
        if (x.Rank < 3 || w.Rank != x.Rank)
        {
            throw node.Invalid($"X {x} and W {w} do not fit");
        }

        Window window = Windows.Of(node, x, [.. w.Extents[2..]]);
        long groups = node.Attributes.Int("group", 1);
        long offsetGroups = node.Attributes.Int("offset_group", 1);
        Shape output = new([x[0], w[0], .. window.Output]);
        long points = output.Product(2, output.Rank);
        bool fits = groups >= 1 && offsetGroups >= 1 && w[1] * groups == x[1] && w[0] % groups == 0 && x[1] % offsetGroups == 0
            && node.Shape(node.Input(2)).Equals(new Shape([x[0], offsetGroups * window.Taps * window.Axes, .. output.Extents[2..]]))
            && (!node.Has(4) || node.Shape(node.Input(4)).Equals(new Shape([x[0], offsetGroups * window.Taps, .. output.Extents[2..]])))
            && (!node.Has(3) || node.Shape(node.Input(3)).Equals(new Shape(w[0])));
        if (!fits)
        {
            throw node.Invalid($"X {x}, W {w}, offset, bias and mask do not fit {groups} groups and {offsetGroups} groups of offsets");
        }

        DType type = node.DType(node.Input(0));
        DType wide = type.IsSingle() ? DType.F32 : type;
        ValueRef offset = node.Reshape(node.Cast(node.Input(2), wide), x[0], offsetGroups, window.Taps, window.Axes, points);
        offset = node.Slice(node.Transpose(offset, 0, 1, 2, 4, 3), 4, window.Axes - 1, -1, window.Axes);
        ValueRef grid = node.Broadcast(Add.Instance, node.Literal(Undeformed(node, window, points, wide)), offset);
        ValueRef samples = node.Add(
            new GridSample(Interpolation.Linear, Outside.Zeros, GridUnit.Elements),
            node.Reshape(node.Cast(node.Input(0), wide), new Shape([x[0] * offsetGroups, x[1] / offsetGroups, .. x.Extents[2..]])),
            node.Reshape(grid, x[0] * offsetGroups, window.Taps, points, window.Axes));
        if (node.Optional(4) is ValueRef mask)
        {
            ValueRef factors = node.Reshape(node.Cast(mask, wide), x[0] * offsetGroups, 1, window.Taps, points);
            samples = node.Broadcast(Mul.Instance, samples, factors);
        }

        long terms = w[1] * window.Taps;
        long perGroup = w[0] / groups;
        ValueRef columns = node.SwapLast(node.Reshape(samples, x[0], groups, terms, points));
        ValueRef kernels = node.Expand(node.Reshape(node.Cast(node.Input(1), wide), groups, perGroup, terms), new Shape(x[0], groups, perGroup, terms));
        ValueRef y = node.Optional(3) is ValueRef bias
            ? node.Add(
                Dot.Plain,
                kernels,
                columns,
                node.Expand(node.Reshape(node.Cast(bias, wide), groups, perGroup, 1), new Shape(x[0], groups, perGroup, points)))
            : node.Add(Dot.Plain, kernels, columns);
        return node.Cast(node.Reshape(y, output), type);
    }

    // Coordinates of the taps of every window, [taps, windows, axes], the last spatial axis first.
    private static Tensor Undeformed(NodeImport node, Window window, long points, DType type)
    {
        double[] coordinates = new double[node.Table((Int128)window.Taps * points * window.Axes)];
        int at = 0;
        for (long tap = 0; tap < window.Taps; tap++)
        {
            for (long point = 0; point < points; point++)
            {
                (long restTap, long restPoint) = (tap, point);
                for (int axis = window.Axes - 1; axis >= 0; axis--)
                {
                    (restTap, long t) = Math.DivRem(restTap, window.Kernel[axis]);
                    (restPoint, long i) = Math.DivRem(restPoint, window.Output[axis]);
                    coordinates[at++] = (i * window.Strides[axis]) - window.PadsBegin[axis] + (t * window.Dilations[axis]);
                }
            }
        }

        Shape shape = new(window.Taps, points, window.Axes);
        return type == DType.F64
            ? Tensor.Of(type, shape, coordinates.AsSpan())
            : Tensor.Of(type, shape, [.. coordinates.Select(coordinate => (float)coordinate)]);
    }
}
