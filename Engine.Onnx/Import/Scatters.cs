using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators whose indices are operands: elements taken from there, or put there.</summary>
internal static class Scatters
{
    private const int FirstReduction = 16;
    private const int FirstExtreme = 18;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("GatherElements", (2, 2), GatherElements, Int("axis")) { Since = 11 },
        new("GatherND", (2, 2), GatherNd, Int("batch_dims", since: 12)) { Since = 11 },
        new("Scatter", (3, 3), ScatterElements, Int("axis")) { Since = 9, Until = 10 },
        new("ScatterElements", (3, 3), ScatterElements, Int("axis"), Reduction) { Since = 11 },
        new("ScatterND", (3, 3), ScatterNd, Reduction) { Since = 11 },
        new("TensorScatter", (2, 3), TensorScatter, Int("axis"), OneOf("mode", "linear", "circular")) { Since = 24 },
        new("ReverseSequence", (2, 2), ReverseSequence, Int("batch_axis"), Int("time_axis")) { Since = 10 },
        new(
            "MaxUnpool",
            (2, 3),
            MaxUnpool,
            Ints("kernel_shape") with { IsRequired = true },
            Ints("pads"),
            Ints("strides")) { Since = 9 },
    ];

    private static Reading.AttributeRule Reduction
        => OneOf("reduction", "none", "add", "mul", "max", "min") with { Since = FirstReduction };

    private static Scattering Kind(NodeImport node)
    {
        string reduction = node.Attributes.Text("reduction", "none");
        Scattering kind = reduction switch
        {
            "add" => Scattering.Add,
            "mul" => Scattering.Mul,
            "max" => Scattering.Max,
            "min" => Scattering.Min,
            _ => Scattering.Set,
        };
        return kind is not (Scattering.Max or Scattering.Min) || node.Version >= FirstExtreme
            ? kind
            : throw node.Invalid($"reduction '{reduction}' before opset {FirstExtreme}");
    }

    private static ValueRef GatherElements(NodeImport node)
    {
        int axis = node.Axis(node.Attributes.Int("axis", 0), node.Shape(node.Input(0)).Rank);
        return node.Add(new GatherElements(axis), node.Input(0), node.Input(1));
    }

    // Rows of X, its indexed axes flattened, at one index each. Several axes of batch are flattened with them.
    private static ValueRef GatherNd(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef indices = node.Cast(node.Input(1), DType.I64);
        Shape shape = node.Shape(x);
        Shape given = node.Shape(indices);
        int batch = (int)Math.Clamp(node.Attributes.Int("batch_dims", 0), -1, Limits.Rank);
        long depth = given.Rank == 0 ? 0 : given[^1];
        if (batch < 0 || batch >= Math.Min(shape.Rank, given.Rank) || depth < 1 || depth > shape.Rank - batch
            || !shape.Extents[..batch].SequenceEqual(given.Extents[..batch]))
        {
            throw node.Invalid($"{node.Type(indices)} do not index {node.Type(x)} after {batch} axes of batch");
        }

        int after = batch + (int)depth;
        ValueRef places = Flattened(node, indices, shape, batch, outside: false);
        ValueRef rows = node.Reshape(x, [shape.Product(0, after), .. shape.Extents[after..]]);
        for (int axis = batch - 1; axis >= 0; axis--)
        {
            ValueRef offsets = node.Broadcast(Mul.Instance, node.Counting(shape[axis]), node.Number(shape.Product(axis + 1, after)));
            Shape along = new([shape[axis], .. Enumerable.Repeat(1L, node.Shape(places).Rank - axis - 1)]);
            places = node.Broadcast(Add.Instance, places, node.Reshape(offsets, along));
        }

        return node.Add(new Gather(0), rows, places);
    }

    // Index tuples as one index into the flattened axes from `first` on. Each part counts from the end if negative. One that is still outside is
    // brought to the nearest end, or makes the whole index one that is outside.
    private static ValueRef Flattened(NodeImport node, ValueRef indices, Shape shape, int first, bool outside)
    {
        int depth = (int)node.Shape(indices)[^1];
        long[] extents = [.. shape.Extents.Slice(first, depth)];
        long[] strides = [.. new Shape(extents).Strides()];
        ValueRef limits = node.Literal(Scalars.Vector(extents));
        ValueRef zero = node.Number(0);
        ValueRef wrapped = node.Broadcast(
            Where.Instance, node.Broadcast(Less.Instance, indices, zero), node.Broadcast(Add.Instance, indices, limits), indices);
        ValueRef held = outside
            ? wrapped
            : node.Broadcast(
                Max.Instance, node.Broadcast(Min.Instance, wrapped, node.Literal(Scalars.Vector([.. extents.Select(extent => extent - 1)]))), zero);
        Reduce sum = new(Ops.Reduction.Sum, 1);
        ValueRef place = node.Add(sum, node.Broadcast(Mul.Instance, held, node.Literal(Scalars.Vector(strides))));
        if (!outside)
        {
            return place;
        }

        ValueRef isInside = node.Broadcast(
            And.Instance, node.Broadcast(GreaterOrEqual.Instance, wrapped, zero), node.Broadcast(Less.Instance, wrapped, limits));
        return node.Broadcast(Where.Instance, node.Add(new Reduce(Ops.Reduction.Min, 1), isInside), place, node.Number(long.MinValue));
    }

    // Rows along the axis, moved last. Where the indices are shorter than X along another axis, the rest of the indices lead nowhere.
    private static ValueRef ScatterElements(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef indices = node.Input(1);
        ValueRef updates = node.Input(2);
        Shape shape = node.Shape(x);
        int axis = node.Axis(node.Attributes.Int("axis", 0), shape.Rank);
        if (node.Shape(indices).Rank != shape.Rank || !node.Shape(indices).Equals(node.Shape(updates)))
        {
            throw node.Invalid($"{node.Type(indices)} and {node.Type(updates)} for {node.Type(x)}");
        }

        for (int other = 0; other < shape.Rank; other++)
        {
            Shape given = node.Shape(indices);
            long missing = other == axis ? 0 : shape[other] - given[other];
            if (missing < 0)
            {
                throw node.Invalid($"{given} reaches beyond {shape} along axis {other}");
            }

            if (missing > 0)
            {
                Shape rest = given.With(other, missing);
                ValueRef nowhere = node.Expand(node.Cast(node.Number(int.MinValue), node.DType(indices)), rest);
                indices = node.Add(new Concat(other), indices, nowhere);
                updates = node.Add(new Concat(other), updates, node.Expand(node.Scalar(node.DType(updates), 0), rest));
            }
        }

        ImmutableArray<int> order = [.. Enumerable.Range(0, shape.Rank).Where(other => other != axis), axis];
        ValueRef y = node.Add(
            new Scatter(Kind(node), shape.Rank - 1), node.Transpose(x, order), node.Transpose(indices, order), node.Transpose(updates, order));
        return node.Transpose(y, [.. Enumerable.Range(0, shape.Rank).Select(other => order.IndexOf(other))]);
    }

    private static ValueRef ScatterNd(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef indices = node.Cast(node.Input(1), DType.I64);
        ValueRef updates = node.Input(2);
        Shape shape = node.Shape(x);
        Shape given = node.Shape(indices);
        long depth = given.Rank == 0 ? 0 : given[^1];
        if (depth < 1 || depth > shape.Rank || !node.Shape(updates).Equals(new Shape([.. given.Extents[..^1], .. shape.Extents[(int)depth..]])))
        {
            throw node.Invalid($"{node.Type(indices)} and {node.Type(updates)} for {node.Type(x)}");
        }

        ImmutableArray<long> row = [.. shape.Extents[(int)depth..]];
        long count = given.Product(0, given.Rank - 1);
        ValueRef places = node.Reshape(Flattened(node, indices, shape, 0, outside: true), count);
        ValueRef rows = node.Reshape(x, [shape.Product(0, (int)depth), .. row]);
        ValueRef y = node.Add(new Scatter(Kind(node), 0), rows, places, node.Reshape(updates, [count, .. row]));
        return node.Reshape(y, shape);
    }

    // Each place of the cache takes the update that was written to it, or keeps what it has.
    private static ValueRef TensorScatter(NodeImport node)
    {
        ValueRef past = node.Input(0);
        ValueRef update = node.Input(1);
        Shape shape = node.Shape(past);
        int axis = node.Axis(node.Attributes.Int("axis", -2), shape.Rank);
        if (axis == 0 || node.Shape(update).Rank != shape.Rank || !node.Shape(update).With(axis, shape[axis]).Equals(shape)
            || node.Shape(update)[axis] > shape[axis])
        {
            throw node.Invalid($"{node.Type(update)} does not fit {node.Type(past)} along axis {axis}");
        }

        long extent = shape[axis];
        long written = node.Shape(update)[axis];
        ValueRef starts = node.Cast(node.Optional(2) ?? node.Expand(node.Number(0), new Shape(shape[0])), DType.I64);
        if (!node.Shape(starts).Equals(new Shape(shape[0])))
        {
            throw node.Invalid($"{node.Type(starts)} for a batch of {shape[0]}");
        }

        // Distance from where writing starts, [batch, extent]; around the end in circular mode.
        ValueRef distance = node.Broadcast(Sub.Instance, node.Counting(extent), node.Reshape(starts, shape[0], 1));
        distance = node.Attributes.Text("mode", "linear") == "linear"
            ? distance
            : node.Broadcast(new Mod(truncated: false), distance, node.Number(extent));
        ValueRef isWritten = node.Broadcast(
            And.Instance,
            node.Broadcast(GreaterOrEqual.Instance, distance, node.Number(0)),
            node.Broadcast(Less.Instance, distance, node.Number(written)));
        Shape along = Along(shape, 0, axis);
        ValueRef taken = RowsOf(node, update, 0, axis, distance);
        return node.Broadcast(Where.Instance, node.Reshape(isWritten, along), taken, past);
    }

    // The first places of each sequence, in the opposite order.
    private static ValueRef ReverseSequence(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        int batch = node.Axis(node.Attributes.Int("batch_axis", 1), shape.Rank);
        int time = node.Axis(node.Attributes.Int("time_axis", 0), shape.Rank);
        ValueRef lengths = node.Cast(node.Input(1), DType.I64);
        if (batch == time || !node.Shape(lengths).Equals(new Shape(shape[batch])))
        {
            throw node.Invalid($"{node.Type(lengths)} for {node.Type(x)}, batch along axis {batch}, time along axis {time}");
        }

        ValueRef column = node.Reshape(lengths, shape[batch], 1);
        ValueRef places = node.Counting(shape[time]);
        ValueRef turned = node.Broadcast(Sub.Instance, node.Broadcast(Sub.Instance, column, node.Number(1)), places);
        ValueRef source = node.Broadcast(Where.Instance, node.Broadcast(Less.Instance, places, column), turned, places);
        return RowsOf(node, x, batch, time, source);
    }

    /// <summary>For each of a batch the slices of X along an axis at the places [batch, n] that are given; those outside at the nearest end.</summary>
    private static ValueRef RowsOf(NodeImport node, ValueRef x, int batch, int axis, ValueRef places)
    {
        Shape shape = node.Shape(x);
        ImmutableArray<int> others = [.. Enumerable.Range(0, shape.Rank).Where(other => other != batch && other != axis)];
        ImmutableArray<int> order = [batch, axis, .. others];
        long[] rest = [.. others.Select(other => shape[other])];
        long extent = shape[axis];
        ValueRef held = node.Broadcast(
            Max.Instance, node.Broadcast(Min.Instance, places, node.Number(extent - 1)), node.Number(0));
        ValueRef offsets = node.Broadcast(Mul.Instance, node.Counting(shape[batch]), node.Number(extent));
        ValueRef flat = node.Broadcast(Add.Instance, held, node.Reshape(offsets, shape[batch], 1));
        ValueRef rows = node.Add(new Gather(0), node.Reshape(node.Transpose(x, order), [checked(shape[batch] * extent), .. rest]), flat);
        return node.Transpose(rows, [.. Enumerable.Range(0, shape.Rank).Select(other => order.IndexOf(other))]);
    }

    // A shape of extent 1 but along two axes, the first before the second.
    private static Shape Along(Shape shape, int first, int second)
        => new([.. Enumerable.Range(0, shape.Rank).Select(axis => axis == first || axis == second ? shape[axis] : 1)]);

    // Each plane is filled from its own elements; indices count over all planes.
    private static ValueRef MaxUnpool(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef indices = node.Cast(node.Input(1), DType.I64);
        Shape shape = node.Shape(x);
        int spatial = shape.Rank - 2;
        ImmutableArray<long> kernel = node.Attributes.Ints("kernel_shape") ?? [];
        ImmutableArray<long> strides = node.Attributes.Ints("strides") ?? [.. Enumerable.Repeat(1L, Math.Max(spatial, 0))];
        ImmutableArray<long> pads = node.Attributes.Ints("pads") ?? [.. Enumerable.Repeat(0L, Math.Max(2 * spatial, 0))];
        if (spatial < 1 || kernel.Length != spatial || strides.Length != spatial || pads.Length != 2 * spatial
            || !node.Shape(indices).Equals(shape))
        {
            throw node.Invalid($"{node.Type(x)} and {node.Type(indices)} with a kernel of {kernel.Length} axes");
        }

        long[] pooled = [.. shape.Extents];
        for (int axis = 0; axis < spatial; axis++)
        {
            long reach = checked(((shape[axis + 2] - 1) * strides[axis]) - pads[axis] - pads[axis + spatial] + kernel[axis]);
            pooled[axis + 2] = Math.Max(reach, 0);
        }

        Shape whole = new(pooled);
        long planes = shape.Product(0, 2);
        long plane = whole.Product(2, whole.Rank);
        long inside = shape.Product(2, shape.Rank);

        // Beyond its own plane an index leads nowhere.
        ValueRef first = node.Broadcast(Mul.Instance, node.Counting(planes), node.Number(plane));
        ValueRef within = node.Broadcast(Sub.Instance, node.Reshape(indices, planes, inside), node.Reshape(first, planes, 1));
        ValueRef places = node.Broadcast(
            Where.Instance, node.Broadcast(GreaterOrEqual.Instance, within, node.Number(0)), within, node.Number(long.MinValue));
        ValueRef zero = node.Scalar(node.DType(x), 0);
        ValueRef y = node.Add(
            new Scatter(Scattering.Set, 1), node.Expand(zero, new Shape(planes, plane)), places, node.Reshape(x, planes, inside));
        y = node.Reshape(y, whole);
        return node.Has(2) ? Fitted(node, y, new Shape(node.Integers(2).AsSpan()), zero) : y;
    }

    // Zeros after the elements along each axis, up to a shape; what is beyond it is cut off.
    private static ValueRef Fitted(NodeImport node, ValueRef value, Shape to, ValueRef zero)
    {
        if (to.Rank != node.Shape(value).Rank || to[0] > node.Shape(value)[0] || to[1] > node.Shape(value)[1])
        {
            throw node.Invalid($"{node.Shape(value)} does not become {to}");
        }

        for (int axis = 0; axis < to.Rank; axis++)
        {
            Shape from = node.Shape(value);
            if (from[axis] > to[axis] && axis < 2)
            {
                throw node.Invalid($"{from} does not become {to}");
            }

            value = from[axis] >= to[axis]
                ? node.Slice(value, axis, 0, 1, to[axis])
                : node.Add(new Concat(axis), value, node.Expand(zero, from.With(axis, to[axis] - from[axis])));
        }

        return value;
    }
}
