using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Gather: slices of X along one axis, chosen by indices
//
//  Shapes   X [before.., D, after..] any type, indices I i32 or i64 any shape -> Y [before.., I.., after..]
//  Reads    one index, then one element of X
//  Order    none
//  Rounding none: the bits are X's. A negative index counts from the end; one that is still outside is brought to the nearest end;
//           with D = 0 the element is 0
//  NaN      X's, already canonical
//  Source   docs/numerics.md, section Selection; ONNX Gather-13
//

/// <summary>Slices of X along one axis, chosen by indices.</summary>
/// <param name="axis">The axis of X.</param>
public sealed class Gather(int axis) : Op("Gather", 1, new OpAttribute("axis", axis))
{
    /// <summary>The axis of X.</summary>
    public int Axis { get; } = OpAttribute.Axis(axis);

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 2 && inputs[1].DType is DType.I32 or DType.I64 && Axis < inputs[0].Shape.Rank,
            $"takes X with axis {Axis}, and i32 or i64 indices",
            inputs);
        ReadOnlySpan<long> extents = inputs[0].Shape.Extents;
        return [new TensorType(inputs[0].DType, new Shape([.. extents[..Axis], .. inputs[1].Shape.Extents, .. extents[(Axis + 1)..]]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        Shape shape = x.Type(0).Shape;
        long extent = shape[Axis];
        long after = shape.Product(Axis + 1, shape.Rank);
        long indices = x.Type(1).Elements;
        int size = y.Type.Size();
        for (int i = 0; i < y.Count;)
        {
            (long slice, long within) = Math.DivRem(start + i, after);
            int run = (int)Math.Min(after - within, y.Count - i);
            Span<byte> bytes = y.Bytes.Slice(i * size, run * size);
            long index = x.Load<long>(1, slice % indices);
            index = Math.Clamp(index < 0 ? index + extent : index, 0, Math.Max(extent - 1, 0));
            if (extent == 0)
            {
                bytes.Clear();
            }
            else
            {
                x.Read(0, (((slice / indices * extent) + index) * after) + within, bytes);
            }

            i += run;
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        ImmutableArray<long> indices = [.. reads.Box.AsSpan(Axis, reads.Shape(1).Rank)];
        ImmutableArray<long> slice = [.. reads.Box[..Axis], 1, .. reads.Box[(Axis + indices.Length)..]];
        reads.Add(0, new Footprint(new Footprint(1, indices).Elements, slice));
        reads.Add(1, indices);
    }

}
