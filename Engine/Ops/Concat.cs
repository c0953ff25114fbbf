using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Concat: values laid one after another along an axis
//
//  Shapes   X0, X1, .. [before.., D_i, after..], one type -> Y [before.., sum of D_i, after..]
//  Reads    one element of one input
//  Order    none
//  Rounding none: the bits are the input's
//  NaN      the input's, already canonical
//  Source   docs/numerics.md, section Selection; ONNX Concat-13
//

/// <summary>Values laid one after another along an axis.</summary>
/// <param name="axis">The axis.</param>
public sealed class Concat(int axis) : Op("Concat", 1, new OpAttribute("axis", axis))
{
    /// <summary>The axis.</summary>
    public int Axis { get; } = OpAttribute.Axis(axis);

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length >= 1 && Axis < inputs[0].Shape.Rank, $"takes inputs with axis {Axis}", inputs);
        long extent = 0;
        foreach (TensorType input in inputs)
        {
            bool fits = input.DType == inputs[0].DType && input.Shape.Rank == inputs[0].Shape.Rank
                && input.Shape.Equals(inputs[0].Shape.With(Axis, input.Shape[Axis]));
            Require(fits, $"inputs of one type that differ along axis {Axis} only", inputs);
            extent = checked(extent + input.Shape[Axis]);
        }

        return [new TensorType(inputs[0].DType, inputs[0].Shape.With(Axis, extent))];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        Shape first = x.Type(0).Shape;
        long after = first.Product(Axis + 1, first.Rank);
        long row = 0;
        for (int slot = 0; slot < x.Slots; slot++)
        {
            row += x.Type(slot).Shape[Axis] * after;
        }

        int size = y.Type.Size();
        for (int i = 0; i < y.Count;)
        {
            (long before, long within) = Math.DivRem(start + i, row);
            int slot = 0;
            while (within >= x.Type(slot).Shape[Axis] * after)
            {
                within -= x.Type(slot).Shape[Axis] * after;
                slot++;
            }

            long part = x.Type(slot).Shape[Axis] * after;
            int run = (int)Math.Min(part - within, y.Count - i);
            x.Read(slot, (before * part) + within, y.Bytes.Slice(i * size, run * size));
            i += run;
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.SameOfAll();

}
