using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  QuantizeLinear: reals as integer codes
//
//  Shapes   X (f32, f16, bf16 or i32), scale (f32, f16 or bf16), zero (u8, i8, u16, i16), one shape -> Y of zero's type
//           (a scale for the whole tensor, an axis or a block is broadcast by a View)
//  Reads    the elements at the same index
//  Order    v = x / scale, a real division; y = clamp(rne(v), low - zero, high - zero) + zero
//  Rounding i32 is rounded once to f32; the quotient is rounded to f32, then half to even to an integer
//  NaN      NaN gives the least code
//  Source   docs/numerics.md, section Quantisation; ONNX QuantizeLinear-25
//

/// <summary>Reals as integer codes.</summary>
public sealed class QuantizeLinear : Op
{
    private QuantizeLinear()
        : base(nameof(QuantizeLinear), 1)
    {
    }

    /// <summary>The op.</summary>
    public static QuantizeLinear Instance { get; } = new();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 3 && (inputs[0].DType.IsSingle() || inputs[0].DType == DType.I32)
            && inputs[1].DType.IsSingle() && Quantized.IsCode(inputs[2].DType)
            && inputs[0].Shape.Equals(inputs[1].Shape) && inputs[0].Shape.Equals(inputs[2].Shape),
            "takes X, scale and zero of one shape",
            inputs);
        return [inputs[2]];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        bool isInteger = x.Type(0).DType == DType.I32;
        for (int i = 0; i < y.Count; i++)
        {
            long at = start + i;
            float value = isInteger ? Real.ToF32(x.Load<long>(0, at)) : x.Load<float>(0, at);
            y.Set(i, Quantized.Saturate(value / x.Load<float>(1, at), x.Load<long>(2, at), y.Type));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.SameOfAll();

}
