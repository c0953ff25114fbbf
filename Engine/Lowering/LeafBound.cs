using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>What a footprint, seen through a map, touches of the value that holds the elements.</summary>
internal static class LeafBound
{
    /// <summary>An upper bound on the leaves of the source's tree that hold the footprint's elements.</summary>
    internal static long Leaves(Footprint footprint, AffineView map, TensorType source)
    {
        int size = source.DType.Size();
        long segments = 1;
        long span = 1;
        foreach ((long extent, long stride) in Steps(footprint, map).OrderBy(step => step.Stride))
        {
            // Steps along this axis either make more segments, or one long segment with what lies between.
            long merged = Saturating.Add(Saturating.Multiply(extent - 1, stride), span);
            if (LeavesOf(merged, size) <= Saturating.Multiply(extent, LeavesOf(span, size)))
            {
                span = merged;
            }
            else
            {
                segments = Saturating.Multiply(segments, extent);
            }
        }

        long touched = Saturating.Multiply(footprint.Count, Saturating.Multiply(segments, LeavesOf(span, size)));
        long all = (source.Bytes + Limits.LeafBytes - 1) / Limits.LeafBytes;
        return Math.Min(all, Math.Min(touched, footprint.Elements));
    }

    /// <summary>The same elements as a footprint of the source.</summary>
    internal static Footprint Through(Footprint footprint, AffineView map, Shape source)
    {
        if (map.Equals(AffineView.Identity(source)))
        {
            return footprint;
        }

        ImmutableArray<long> strides = source.Strides();
        long[] box = [.. Enumerable.Repeat(1L, source.Rank)];
        long[] low = [.. strides.Select((stride, axis) => map.Offset / stride % Math.Max(source[axis], 1))];
        long[] high = [.. low];
        long count = footprint.Count;
        for (int axis = map.Shape.Rank - 1; axis >= 0; axis--)
        {
            // The stride of an axis with one step means nothing and may be any number.
            long stride = map.Shape[axis] == 1 ? 0 : Math.Abs(map.Strides[axis]);
            if (stride == 0)
            {
                continue;
            }

            int own = AxisOf(stride, source, strides);
            if (own < 0)
            {
                return Scattered(footprint, source);
            }

            long step = stride / strides[own];
            long reach = Saturating.Multiply(map.Shape[axis] - 1, step);
            high[own] = Saturating.Add(high[own], map.Strides[axis] > 0 ? reach : 0);
            low[own] -= map.Strides[axis] < 0 ? reach : 0;
            if (box[own] == 1 && step == 1)
            {
                box[own] = footprint.Box[axis];
            }
            else
            {
                count = Saturating.Multiply(count, footprint.Box[axis]);
            }
        }

        // Reaching beyond its axis an index would carry into the next one.
        for (int axis = 0; axis < source.Rank; axis++)
        {
            if (low[axis] < 0 || high[axis] >= Math.Max(source[axis], 1))
            {
                return Scattered(footprint, source);
            }
        }

        return new Footprint(count, [.. box]);
    }

    private static Footprint Scattered(Footprint footprint, Shape source) =>
        new(footprint.Elements, [.. Enumerable.Repeat(1L, source.Rank)]);

    // The axis of the source along which a stride steps; -1: none.
    private static int AxisOf(long stride, Shape source, ImmutableArray<long> strides)
    {
        for (int axis = 0; axis < source.Rank; axis++)
        {
            if (source[axis] > 1 && stride % strides[axis] == 0 && stride / strides[axis] < source[axis])
            {
                return axis;
            }
        }

        return -1;
    }

    private static (long Extent, long Stride)[] Steps(Footprint footprint, AffineView map) =>
    [
        .. Enumerable.Range(0, map.Shape.Rank)
            .Where(axis => footprint.Box[axis] > 1 && map.Strides[axis] != 0)
            .Select(axis => (footprint.Box[axis], Math.Abs(map.Strides[axis]))),
    ];

    // Elements never straddle a leaf: their size divides it.
    private static long LeavesOf(long elements, int size) =>
        elements > long.MaxValue / 16 ? long.MaxValue / 16 : 1 + ((((elements - 1) * size) + Limits.LeafBytes - 1) / Limits.LeafBytes);
}
