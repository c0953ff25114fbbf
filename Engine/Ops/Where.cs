using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Where: an element of A where a condition holds, else of B
//
//  Shapes   condition bool, A and B of one type, all of one shape -> Y of A's type (broadcasting is a View before it)
//  Reads    the condition, then the element of A or of B
//  Order    none
//  Rounding none: the bits are A's or B's
//  NaN      as they are, already canonical
//  Source   docs/numerics.md, section Selection; ONNX Where-16
//

/// <summary>An element of A where a condition holds, else of B.</summary>
public sealed class Where : Op
{
    private Where()
        : base(nameof(Where), 1)
    {
    }

    /// <summary>The op.</summary>
    public static Where Instance { get; } = new();

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 3 && inputs[0].DType == DType.Bool && inputs[1] == inputs[2] && inputs[0].Shape.Equals(inputs[1].Shape),
            "takes a bool condition, A and B of one shape",
            inputs);
        return [inputs[1]];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        int size = y.Type.Size();
        for (int i = 0; i < y.Count; i++)
        {
            x.Read(x.Load<long>(0, start + i) != 0 ? 1 : 2, start + i, y.Bytes.Slice(i * size, size));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.SameOfAll();

}
