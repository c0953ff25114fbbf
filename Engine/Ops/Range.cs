using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Range: numbers at equal steps
//
//  Shapes   start [] and step [] of one number type -> Y [count]
//  Reads    both
//  Order    start + i * step
//  Rounding i is rounded once to the type; one product, one sum; integers wrap
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Selection; ONNX Range-11 (the count follows from the model's limit)
//

/// <summary>Numbers at equal steps.</summary>
/// <param name="count">How many.</param>
public sealed class Range(long count) : Op("Range", 1, new OpAttribute("count", count))
{
    /// <summary>How many.</summary>
    public long Count { get; } = OpAttribute.Held("count", count, 0, Limits.Elements);

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 2 && inputs[0] == inputs[1] && inputs[0].Shape.Rank == 0 && inputs[0].DType != DType.Bool,
            "takes start and step, scalars of one number type",
            inputs);
        return [new TensorType(inputs[0].DType, new Shape(Count))];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        for (int i = 0; i < y.Count; i++)
        {
            if (y.Type.IsSingle())
            {
                y.Set(i, x.Load<float>(0, 0) + ((float)(start + i) * x.Load<float>(1, 0)));
            }
            else if (y.Type == DType.F64)
            {
                y.Set(i, x.Load<double>(0, 0) + ((double)(start + i) * x.Load<double>(1, 0)));
            }
            else
            {
                y.Set(i, unchecked(x.Load<long>(0, 0) + ((start + i) * x.Load<long>(1, 0))));
            }
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        reads.Add(0);
        reads.Add(1);
    }

}
