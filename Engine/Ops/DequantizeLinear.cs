using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  DequantizeLinear: integer codes as reals
//
//  Shapes   X (u8, i8, u16, i16 or i32), scale (f32, f16 or bf16), zero of X's type, one shape -> Y of scale's type
//           (a scale for the whole tensor, an axis or a block is broadcast by a View)
//  Reads    the elements at the same index
//  Order    y = fl(x - zero) * scale
//  Rounding the difference is exact, rounded once to f32; the product is rounded to f32, then to storage
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Quantisation; ONNX DequantizeLinear-25
//

/// <summary>Integer codes as reals.</summary>
public sealed class DequantizeLinear : Op
{
    private DequantizeLinear()
        : base(nameof(DequantizeLinear), 1)
    {
    }

    /// <summary>The op.</summary>
    public static DequantizeLinear Instance { get; } = new();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 3 && (Quantized.IsCode(inputs[0].DType) || inputs[0].DType == DType.I32)
            && inputs[1].DType.IsSingle() && inputs[2] == inputs[0] && inputs[0].Shape.Equals(inputs[1].Shape),
            "takes X, scale and zero of one shape",
            inputs);
        return [inputs[1]];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        for (int i = 0; i < y.Count; i++)
        {
            long at = start + i;
            y.Set(i, Real.ToF32(x.Load<long>(0, at) - x.Load<long>(2, at)) * x.Load<float>(1, at));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.SameOfAll();

}
