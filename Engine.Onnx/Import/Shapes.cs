using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators that only say where elements are: views, with copies where no view does it.</summary>
internal static class Shapes
{
    private const int FirstOperands = 13;

    // A pad that wraps more often than this is a mistake rather than a model.
    private const int MostCopies = 1 << 8;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        OnnxOp.Resolved("Identity", (1, 1), 1, flow => [flow.Input(0)]) with { Since = 1 },
        new("Reshape", (2, 2), Reshape, Int("allowzero", since: 14)) { Since = 5 },
        new("Flatten", (1, 1), Flatten, Int("axis")) { Since = 1 },
        new("Squeeze", (1, 2), Squeeze, Ints("axes", until: FirstOperands - 1)) { Since = 1 },
        new("Unsqueeze", (1, 2), Unsqueeze, Ints("axes", until: FirstOperands - 1)) { Since = 1 },
        new("Transpose", (1, 1), Transpose, Ints("perm")) { Since = 1 },
        new("Slice", (1, 5), Slice, Ints("starts", until: 9), Ints("ends", until: 9), Ints("axes", until: 9)) { Since = 1 },
        new("DynamicSlice", (3, 4), Slice) { Since = 1, Until = 9 },
        new("Split", (1, 2), int.MaxValue, Split, Int("axis"), Ints("split", until: FirstOperands - 1), Int("num_outputs", since: 18)) { Since = 2 },
        new("Expand", (2, 2), Expand),
        new("Tile", (2, 2), Tile),
        new("Pad", (1, 4), Pad, OneOf("mode", "constant", "reflect", "edge", "wrap"), Ints("pads", until: 10), Float("value", until: 10)) { Since = 2 },
        new("DepthToSpace", (1, 1), DepthToSpace, Block, OneOf("mode", "DCR", "CRD") with { Since = 11 }) { Since = 1 },
        new("SpaceToDepth", (1, 1), SpaceToDepth, Block) { Since = 1 },
    ];

    private static Reading.AttributeRule Block => Int("blocksize") with { IsRequired = true };

    // 0 takes over the extent of the same axis (unless allowzero), -1 what is left.
    private static ValueRef Reshape(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape from = node.Shape(x);
        long[] extents = [.. node.Integers(1)];
        bool allowZero = node.Attributes.Flag("allowzero");
        int open = -1;
        for (int axis = 0; axis < extents.Length; axis++)
        {
            if (extents[axis] == 0 && !allowZero)
            {
                extents[axis] = axis < from.Rank ? from[axis] : throw node.Invalid($"extent 0 at axis {axis} of {from}");
            }
            else if (extents[axis] == -1)
            {
                open = open < 0 ? axis : throw node.Invalid("two extents of -1");
                extents[axis] = 1;
            }
        }

        long others = new Shape(extents).Elements;
        if (open >= 0)
        {
            extents[open] = others > 0 && from.Elements % others == 0
                ? from.Elements / others
                : throw node.Invalid($"{from} does not fill [{string.Join(',', node.Integers(1))}]");
        }

        return node.Reshape(x, new Shape(extents));
    }

    private static ValueRef Flatten(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        long axis = node.Attributes.Int("axis", 1);
        int from = axis == shape.Rank ? shape.Rank : node.Axis(axis, shape.Rank);
        return node.Reshape(x, shape.Product(0, from), shape.Product(from, shape.Rank));
    }

    private static ValueRef Squeeze(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        ImmutableArray<int> axes = node.Integers("axes", 1) is ImmutableArray<long> given
            ? node.Axes(given, shape.Rank)
            : [.. Enumerable.Range(0, shape.Rank).Where(axis => shape[axis] == 1)];
        foreach (int axis in axes)
        {
            if (shape[axis] != 1)
            {
                throw node.Invalid($"axis {axis} of {shape} is not 1");
            }
        }

        return node.Reshape(x, new Shape([.. Enumerable.Range(0, shape.Rank).Where(axis => !axes.Contains(axis)).Select(axis => shape[axis])]));
    }

    private static ValueRef Unsqueeze(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        ImmutableArray<long> given = node.Integers("axes", 1) ?? throw node.Invalid("the axes are missing");
        ImmutableArray<int> axes = node.Axes(given, checked(shape.Rank + given.Length));
        List<long> extents = [.. shape.Extents];
        foreach (int axis in axes)
        {
            extents.Insert(axis, 1);
        }

        return node.Reshape(x, [.. extents]);
    }

    private static ValueRef Transpose(NodeImport node)
    {
        ValueRef x = node.Input(0);
        int rank = node.Shape(x).Rank;
        ImmutableArray<long> order = node.Attributes.Ints("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(axis => (long)axis)];
        return order.Length == rank && node.Axes(order, rank).Length == rank
            ? node.Transpose(x, [.. order.Select(axis => node.Axis(axis, rank))])
            : throw node.Invalid($"the order ({string.Join(',', order)}) does not fit rank {rank}");
    }

    private static ValueRef Slice(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        ImmutableArray<long> starts = node.Integers("starts", 1) ?? throw node.Invalid("the starts are missing");
        ImmutableArray<long> ends = node.Integers("ends", 2) ?? throw node.Invalid("the ends are missing");
        ImmutableArray<long> axes = node.Integers("axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        ImmutableArray<long> steps = node.Has(4) ? node.Integers(4) : [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
        {
            throw node.Invalid("starts, ends, axes and steps are not of one length");
        }

        node.Axes(axes, shape.Rank);
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = node.Axis(axes[i], shape.Rank);
            (long start, long count) = Section(node, shape[axis], starts[i], ends[i], steps[i]);
            x = node.Slice(x, axis, start, count <= 1 ? 1 : steps[i], count);
        }

        return x;
    }

    // Bounds below 0 count from the end, then are brought into reach of the steps.
    private static (long Start, long Count) Section(NodeImport node, long extent, long start, long end, long step)
    {
        if (step == 0)
        {
            throw node.Invalid("a step of 0");
        }

        Int128 from = start < 0 ? (Int128)start + extent : start;
        Int128 to = end < 0 ? (Int128)end + extent : end;
        if (step > 0)
        {
            from = Int128.Clamp(from, 0, extent);
            to = Int128.Clamp(to, 0, extent);
            return ((long)from, (long)Int128.Max(0, (to - from + step - 1) / step));
        }

        from = extent == 0 ? -1 : Int128.Clamp(from, 0, extent - 1);
        to = Int128.Clamp(to, -1, extent - 1);
        return ((long)Int128.Max(0, from), (long)Int128.Max(0, (from - to - step - 1) / -(Int128)step));
    }

    private static ImmutableArray<ValueRef> Split(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        int axis = node.Axis(node.Attributes.Int("axis", 0), shape.Rank);
        int outputs = node.Outputs;
        ImmutableArray<long> parts = node.Integers("split", 1) ?? Equal(node, shape[axis], outputs);
        if (parts.Length != outputs || parts.Any(part => part < 0) || parts.Aggregate((Int128)0, (sum, part) => sum + part) != shape[axis])
        {
            throw node.Invalid($"parts ({string.Join(',', parts)}) of axis {axis} of {shape} for {outputs} outputs");
        }

        List<ValueRef> results = [];
        long start = 0;
        foreach (long part in parts)
        {
            results.Add(node.Slice(x, axis, start, 1, part));
            start += part;
        }

        return [.. results];
    }

    // Equal parts; since opset 18 the last one may be smaller.
    private static ImmutableArray<long> Equal(NodeImport node, long extent, int outputs)
    {
        if (node.Attributes.Int("num_outputs", outputs) != outputs)
        {
            throw node.Invalid($"num_outputs is not the number of outputs, {outputs}");
        }

        long part = (extent / outputs) + (extent % outputs == 0 ? 0 : 1);
        return part * (outputs - 1) <= extent && (extent % outputs == 0 || node.Version >= 18)
            ? [.. Enumerable.Repeat(part, outputs - 1), extent - (part * (outputs - 1))]
            : throw node.Invalid($"{extent} elements do not make {outputs} equal parts");
    }

    private static ValueRef Expand(NodeImport node)
    {
        ValueRef x = node.Input(0);
        return node.Expand(x, Shape.Broadcast(node.Shape(x), new Shape(node.Integers(1).AsSpan())));
    }

    // One axis at a time: [.., 1, n, ..] repeated to [.., r, n, ..], then joined.
    private static ValueRef Tile(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ImmutableArray<long> repeats = node.Integers(1);
        if (repeats.Length != node.Shape(x).Rank || repeats.Any(repeat => repeat < 0))
        {
            throw node.Invalid($"repeats ({string.Join(',', repeats)}) of {node.Shape(x)}");
        }

        for (int axis = 0; axis < repeats.Length; axis++)
        {
            Shape shape = node.Shape(x);
            if (shape[axis] == 1 || repeats[axis] == 1)
            {
                x = node.Expand(x, shape.With(axis, checked(shape[axis] * repeats[axis])));
                continue;
            }

            ImmutableArray<long> before = [.. shape.Extents[..axis]];
            ImmutableArray<long> from = [.. shape.Extents[axis..]];
            ValueRef repeated = node.Expand(
                node.Reshape(x, [.. before, 1, .. from]), new Shape([.. before, repeats[axis], .. from]));
            x = node.Reshape(repeated, shape.With(axis, checked(shape[axis] * repeats[axis])));
        }

        return x;
    }

    private static ValueRef Pad(NodeImport node)
    {
        ValueRef x = node.Input(0);
        int rank = node.Shape(x).Rank;
        ImmutableArray<long> pads = node.Integers("pads", 1) ?? throw node.Invalid("the pads are missing");
        ImmutableArray<int> axes = node.Has(3)
            ? [.. node.Integers(3).Select(axis => node.Axis(axis, rank))]
            : [.. Enumerable.Range(0, rank)];
        if (pads.Length != 2 * axes.Length || axes.Distinct().Count() != axes.Length)
        {
            throw node.Invalid($"{pads.Length} pads for {axes.Length} axes");
        }

        DType type = node.DType(x);
        ValueRef value = node.Has(2) ? node.Reshape(node.Input(2), Shape.Scalar) : node.Scalar(type, node.Attributes.Float("value", 0f));
        string mode = node.Attributes.Text("mode", "constant");
        for (int i = 0; i < axes.Length; i++)
        {
            x = PadAxis(node, x, axes[i], pads[i], pads[i + axes.Length], mode, value);
        }

        return x;
    }

    // Negative pads cut off; the rest is laid on both sides, from the elements themselves unless a value is given.
    private static ValueRef PadAxis(NodeImport node, ValueRef x, int axis, long begin, long end, string mode, ValueRef value)
    {
        long extent = node.Shape(x)[axis];
        long cutBegin = Math.Max(0, checked(-begin));
        long kept = checked(extent - cutBegin - Math.Max(0, checked(-end)));
        if (kept < 0)
        {
            throw node.Invalid($"pads {begin} and {end} cut off more than {extent} elements");
        }

        x = node.Slice(x, axis, cutBegin, 1, kept);
        List<ValueRef> parts = [];
        AddSide(node, parts, x, axis, Math.Max(0, begin), mode, value, before: true);
        parts.Add(x);
        AddSide(node, parts, x, axis, Math.Max(0, end), mode, value, before: false);
        return parts.Count == 1 ? x : node.Add(new Concat(axis), [.. parts]);
    }

    private static void AddSide(
        NodeImport node, List<ValueRef> parts, ValueRef x, int axis, long pad, string mode, ValueRef value, bool before)
    {
        Shape shape = node.Shape(x);
        long extent = shape[axis];
        if (pad == 0)
        {
            return;
        }

        switch (mode)
        {
            case "constant":
                parts.Add(node.Expand(value, shape.With(axis, pad)));
                break;
            case "edge" when extent > 0:
                parts.Add(node.Expand(node.Slice(x, axis, before ? 0 : extent - 1, 1, 1), shape.With(axis, pad)));
                break;
            case "reflect" when pad < extent:
                parts.Add(node.Slice(x, axis, before ? pad : extent - 2, -1, pad));
                break;
            case "wrap" when extent > 0 && (pad - 1) / extent < MostCopies:
                long odd = ((pad - 1) % extent) + 1;
                ImmutableArray<ValueRef> copies = [.. Enumerable.Repeat(x, (int)((pad - 1) / extent))];
                ValueRef rest = node.Slice(x, axis, before ? extent - odd : 0, 1, odd);
                parts.AddRange(before ? [rest, .. copies] : [.. copies, rest]);
                break;
            default:
                throw node.Unsupported($"{pad} elements of padding by '{mode}' on {extent} are not supported");
        }
    }

    private static ValueRef DepthToSpace(NodeImport node)
    {
        (ValueRef x, Shape shape, long block) = Blocks(node);
        long depth = shape[1] / (block * block);
        if (shape[1] % (block * block) != 0)
        {
            throw node.Invalid($"{shape[1]} channels are not a multiple of {block} times {block}");
        }

        bool depthFirst = node.Attributes.Text("mode", "DCR") == "DCR";
        ValueRef split = depthFirst
            ? node.Transpose(node.Reshape(x, shape[0], block, block, depth, shape[2], shape[3]), 0, 3, 4, 1, 5, 2)
            : node.Transpose(node.Reshape(x, shape[0], depth, block, block, shape[2], shape[3]), 0, 1, 4, 2, 5, 3);
        return node.Reshape(split, shape[0], depth, checked(shape[2] * block), checked(shape[3] * block));
    }

    private static ValueRef SpaceToDepth(NodeImport node)
    {
        (ValueRef x, Shape shape, long block) = Blocks(node);
        long height = shape[2] / block;
        long width = shape[3] / block;
        if (shape[2] % block != 0 || shape[3] % block != 0)
        {
            throw node.Invalid($"{shape} is not made of blocks of {block}");
        }

        ValueRef split = node.Transpose(node.Reshape(x, shape[0], shape[1], height, block, width, block), 0, 3, 5, 1, 2, 4);
        return node.Reshape(split, shape[0], checked(shape[1] * block * block), height, width);
    }

    private static (ValueRef X, Shape Shape, long Block) Blocks(NodeImport node)
    {
        ValueRef x = node.Input(0);
        long block = node.Attributes.Int("blocksize", 0);
        return node.Shape(x).Rank == 4 && block is > 0 and < int.MaxValue
            ? (x, node.Shape(x), block)
            : throw node.Invalid($"{node.Type(x)} in blocks of {block}");
    }
}
