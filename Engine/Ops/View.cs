using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  View: elements of another value, found by an affine map (Reshape, Transpose, Slice, Split, Expand, Squeeze, Identity …)
//
//  Shapes   X of the shape the map was made for -> the map's shape, same element type
//  Reads    one element: X[offset + sum of index times stride]
//  Order    none
//  Rounding none: the bits are X's
//  NaN      X's, already canonical
//  Source   docs/numerics.md, section Views; ONNX Reshape-25, Transpose-25, Slice-13, Split-18, Expand-13, Squeeze-25, Unsqueeze-25
//

/// <summary>Elements of another value, found by an affine map. Costs nothing to run: consumers follow the map.</summary>
public sealed class View : Op
{
    /// <summary>A view by the given map.</summary>
    public View(AffineView map)
        : base(nameof(View), 1, Describe(map)) => Map = map;

    /// <summary>The map from the view's elements to the source's.</summary>
    public AffineView Map { get; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1, "takes one input", inputs);
        Require(Map.StaysWithin(inputs[0].Elements), $"the map {Map} leaves its source", inputs);
        return [new TensorType(inputs[0].DType, Map.Shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        int size = y.Type.Size();
        for (int i = 0; i < y.Count; i++)
        {
            x.Read(0, Map.SourceIndex(start + i), y.Bytes.Slice(i * size, size));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        Footprint boxes = Boxes(reads.Box, reads.Shape(0));
        long elements = 1;
        for (int axis = 0; axis < Map.Shape.Rank; axis++)
        {
            elements = Footprint.Multiply(elements, Map.Strides[axis] == 0 ? 1 : reads.Box[axis]);
        }

        Footprint each = Footprint.Element(reads.Shape(0)).Times(elements);
        reads.Add(0, each.Elements < boxes.Elements ? each : boxes);
    }

    // The axes of the source fall into groups that the map moves along without ever going from one group into the next. In each, a box
    // of the view spans a run.
    private Footprint Boxes(ImmutableArray<long> box, Shape source)
    {
        Footprint all = new(1, []);
        int from = 0;
        for (int to = 1; to <= source.Rank; to++)
        {
            long step = source.Product(to, source.Rank);
            if (!KeepsApart(step))
            {
                continue;
            }

            long above = from == 0 ? 0 : source.Product(from, source.Rank);
            long span = 1;
            for (int axis = 0; axis < box.Length; axis++)
            {
                bool within = box[axis] > 1 && Map.Strides[axis] % step == 0 && (above == 0 || Map.Strides[axis] % above != 0);
                span += within ? (box[axis] - 1) * Math.Abs(Map.Strides[axis] / step) : 0;
            }

            Footprint run = Reads.Run(new Shape(source.Extents[from..to]), [], span);
            all = new(Footprint.Multiply(all.Count, run.Count), [.. all.Box, .. run.Box]);
            from = to;
        }

        return all;
    }

    // Whether every axis of the view moves by multiples of the step, or stays, together with the others, between two of them.
    private bool KeepsApart(long step)
    {
        long low = Map.Offset % step;
        long high = low;
        for (int axis = 0; axis < Map.Shape.Rank; axis++)
        {
            long reach = Map.Shape[axis] > 1 && Map.Strides[axis] % step != 0 ? Map.Strides[axis] * (Map.Shape[axis] - 1) : 0;
            low += Math.Min(reach, 0);
            high += Math.Max(reach, 0);
        }

        return low >= 0 && high < step;
    }

    private static ImmutableArray<OpAttribute> Describe(AffineView map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return [OpAttribute.Of("shape", map.Shape.Extents), new("offset", map.Offset), new("strides", map.Strides)];
    }
}
