using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  GatherElements: for each index the element of X at that place along one axis, and at the index's own place along the others
//
//  Shapes   X any type, indices I i32 or i64 of the same rank, not longer than X along the other axes -> Y of X's type and I's shape
//  Reads    one index, then one element of X
//  Order    none
//  Rounding none: the bits are X's. A negative index counts from the end; one that is still outside is brought to the nearest end;
//           where X has no element along the axis the element is 0
//  NaN      X's, already canonical
//  Source   docs/numerics.md, section Selection; ONNX GatherElements-13
//

/// <summary>For each index the element of X at that place along one axis.</summary>
/// <param name="axis">The axis.</param>
public sealed class GatherElements(int axis) : Op("GatherElements", 1, new OpAttribute("axis", axis))
{
    private const int Chunk = 256;

    /// <summary>The axis.</summary>
    public int Axis { get; } = OpAttribute.Axis(axis);

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        bool fits = inputs.Length == 2 && inputs[1].DType is DType.I32 or DType.I64 && inputs[0].Shape.Rank == inputs[1].Shape.Rank
            && Axis < inputs[0].Shape.Rank;
        for (int other = 0; fits && other < inputs[0].Shape.Rank; other++)
        {
            fits = other == Axis || inputs[1].Shape[other] <= inputs[0].Shape[other];
        }

        Require(fits, $"takes X and i32 or i64 indices that are longer along axis {Axis} only", inputs);
        return [new TensorType(inputs[0].DType, inputs[1].Shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        Shape from = x.Type(0).Shape;
        Shape to = x.Type(1).Shape;
        ImmutableArray<long> strides = from.Strides();
        AffineView others = new(to, 0, strides.SetItem(Axis, 0));
        long extent = from[Axis];
        int size = y.Type.Size();
        Span<long> block = stackalloc long[Chunk];
        for (int i = 0; i < y.Count;)
        {
            // A run along the last axis: what the indices do not say follows from its first element.
            long within = (start + i) % to[^1];
            Span<long> indices = block[..(int)Math.Min(Math.Min(Chunk, to[^1] - within), y.Count - i)];
            x.Load(1, start + i, indices);
            long first = others.SourceIndex(start + i);
            long step = Axis == to.Rank - 1 ? 0 : 1;
            for (int k = 0; k < indices.Length; k++)
            {
                Span<byte> bytes = y.Bytes.Slice((i + k) * size, size);
                long index = Math.Clamp(indices[k] < 0 ? indices[k] + extent : indices[k], 0, Math.Max(extent - 1, 0));
                if (extent == 0)
                {
                    bytes.Clear();
                }
                else
                {
                    x.Read(0, first + (k * step) + (index * strides[Axis]), bytes);
                }
            }

            i += indices.Length;
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        reads.Add(0, new Footprint(new Footprint(1, reads.Box).Elements, Footprint.Element(reads.Shape(0)).Box));
        reads.Add(1, reads.Box);
    }
}
