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
    public override long MaxReads(ReadOnlySpan<TensorType> inputs, int output) => 1;

    private static ImmutableArray<OpAttribute> Describe(AffineView map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return [OpAttribute.Of("shape", map.Shape.Extents), new("offset", map.Offset), new("strides", map.Strides)];
    }
}
