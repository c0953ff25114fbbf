using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators that choose by order, and running totals.</summary>
internal static class Orders
{
    private const int FirstHardmaxRow = 13;
    private const int FirstK = 10;

    // Rows above so many elements have the best of blocks chosen first, if these are few: checking an element then reads less than the row.
    private const int LongRow = 1 << 16;
    private const int FewBest = 1 << 9;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("ArgMax", (1, 1), node => Place(node, smallest: false), Int("axis"), Int("keepdims"), Int("select_last_index", since: 12)) { Since = 1 },
        new("ArgMin", (1, 1), node => Place(node, smallest: true), Int("axis"), Int("keepdims"), Int("select_last_index", since: 12)) { Since = 1 },
        new("Hardmax", (1, 1), Hardmax, Int("axis")) { Since = 1 },
        new(
            "TopK",
            (1, 2),
            2,
            TopK,
            Int("axis"),
            Int("k", until: FirstK - 1) with { IsRequired = true },
            Int("largest", since: 11),
            Int("sorted", since: 11))
        {
            Since = 1,
        },
        new("CumSum", (2, 2), node => Total(node, product: false), Int("exclusive"), Int("reverse")) { Since = 11 },
        new("CumProd", (2, 2), node => Total(node, product: true), Int("exclusive"), Int("reverse")) { Since = 26 },
    ];

    private static ValueRef Place(NodeImport node, bool smallest)
    {
        ValueRef x = node.Input(0);
        int axis = node.Axis(node.Attributes.Int("axis", 0), node.Shape(x).Rank);
        (ValueRef moved, Shape kept) = Reductions.MoveLast(node, x, [axis], node.Attributes.Flag("keepdims", true));
        return node.Reshape(node.Add(new ArgMax(smallest, node.Attributes.Flag("select_last_index")), moved), kept);
    }

    // 1 where the largest of a row is, else 0. Before opset 13 a row is all axes from `axis` on.
    private static ValueRef Hardmax(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        bool isRow = node.Version >= FirstHardmaxRow;
        long given = node.Attributes.Int("axis", isRow ? -1 : 1);
        int axis = !isRow && given == shape.Rank ? shape.Rank : node.Axis(given, shape.Rank);
        ImmutableArray<int> order = isRow
            ? [.. Enumerable.Range(0, shape.Rank).Where(other => other != axis), axis]
            : [.. Enumerable.Range(0, shape.Rank)];
        ValueRef moved = node.Transpose(x, order);
        ValueRef rows = isRow ? moved : node.Reshape(x, shape.Product(0, axis), shape.Product(axis, shape.Rank));
        Shape flat = node.Shape(rows);
        ValueRef place = node.Add(new ArgMax(smallest: false, last: false), rows);
        ValueRef places = node.Reshape(place, flat.With(flat.Rank - 1, 1));
        ValueRef hot = node.Cast(node.Broadcast(Equal.Instance, node.Counting(flat[^1]), places), node.DType(x));
        return node.Transpose(node.Reshape(hot, node.Shape(moved)), [.. Enumerable.Range(0, shape.Rank).Select(other => order.IndexOf(other))]);
    }

    private static ImmutableArray<ValueRef> TopK(NodeImport node)
    {
        if ((node.Version < FirstK) == node.Has(1))
        {
            throw node.Invalid($"k is an attribute before opset {FirstK}, an input since");
        }

        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        int axis = node.Axis(node.Attributes.Int("axis", -1), shape.Rank);
        long k = node.Has(1) ? node.Integer(1) : node.Attributes.Int("k", 0);
        if (k < 0 || k > shape[axis])
        {
            throw node.Invalid($"the best {k} of {shape[axis]}");
        }

        (ValueRef moved, _) = Reductions.MoveLast(node, x, [axis], keep: false);
        ValueRef places = Best(node, moved, new TopK(k, !node.Attributes.Flag("largest", true)));
        ValueRef values = node.Add(new GatherElements(shape.Rank - 1), moved, places);
        ImmutableArray<int> back = [.. Enumerable.Range(0, axis), shape.Rank - 1, .. Enumerable.Range(axis, shape.Rank - 1 - axis)];
        return [node.Transpose(values, back), node.Transpose(places, back)];
    }

    // The same places as the op gives: candidates stand in the order of their blocks, equals in one block in their own, so the first is the first.
    private static ValueRef Best(NodeImport node, ValueRef x, TopK best)
    {
        Shape shape = node.Shape(x);
        long blocks = shape[^1] / Folds.Block;
        long inBlocks = blocks * Folds.Block;
        int last = shape.Rank - 1;
        if (shape[^1] <= LongRow || best.K > FewBest)
        {
            return node.Add(best, x);
        }

        ValueRef head = node.Reshape(node.Slice(x, last, 0, 1, inBlocks), [.. shape.Extents[..last], blocks, Folds.Block]);
        ValueRef starts = node.Reshape(node.Broadcast(Mul.Instance, node.Counting(blocks), node.Number(Folds.Block)), blocks, 1);
        ValueRef candidates = node.Reshape(
            node.Broadcast(Add.Instance, node.Add(best, head), starts), shape.With(last, blocks * best.K));
        if (inBlocks < shape[^1])
        {
            ValueRef tail = node.Slice(x, last, inBlocks, 1, shape[^1] - inBlocks);
            ValueRef rest = node.Add(new TopK(Math.Min(best.K, shape[^1] - inBlocks), best.Smallest), tail);
            candidates = node.Add(new Concat(last), candidates, node.Broadcast(Add.Instance, rest, node.Number(inBlocks)));
        }

        ValueRef chosen = Best(node, node.Add(new GatherElements(last), x, candidates), best);
        return node.Add(new GatherElements(last), candidates, chosen);
    }

    // Along the first axis, turned around if from the end; an exclusive total leaves out the element itself.
    private static ValueRef Total(NodeImport node, bool product)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        int axis = node.Axis(node.Integer(1), shape.Rank);
        long extent = shape[axis];
        DType type = node.DType(x);
        bool isNarrow = type is DType.F16 or DType.BF16;
        ValueRef Turned(ValueRef value) => node.Attributes.Flag("reverse") && extent > 1 ? node.Slice(value, 0, extent - 1, -1, extent) : value;
        ValueRef terms = Turned(node.Transpose(x, [axis, .. Enumerable.Range(0, shape.Rank).Where(other => other != axis)]));
        bool isExclusive = node.Attributes.Flag("exclusive") && extent > 0;
        terms = isExclusive ? node.Slice(terms, 0, 0, 1, extent - 1) : terms;
        ValueRef totals = node.Cast(node.Add(new Cumulate(product), isNarrow ? node.Cast(terms, DType.F32) : terms), type);
        if (isExclusive)
        {
            ValueRef none = node.Expand(node.Scalar(type, product ? 1 : 0), node.Shape(terms).With(0, 1));
            totals = node.Add(new Concat(0), none, totals);
        }

        ImmutableArray<int> back = [.. Enumerable.Range(1, axis), 0, .. Enumerable.Range(axis + 1, shape.Rank - 1 - axis)];
        return node.Transpose(Turned(totals), back);
    }
}
