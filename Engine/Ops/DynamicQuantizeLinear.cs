using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  DynamicQuantizeLinear: reals as u8 codes, scale and zero point taken from their range
//
//  Shapes   X f32, any shape -> Y u8 of the same shape, scale f32 [], zero u8 []
//  Reads    all of X
//  Order    low = min(0, x..), high = max(0, x..); scale = high == low ? 1 : fl(high - low) / 255;
//           zero = rne(clamp(0 - fl(low / scale), 0, 255)); y = clamp(rne(fl(x / scale)), 0 - zero, 255 - zero) + zero
//  Rounding one per step
//  NaN      a NaN anywhere makes scale NaN, zero 0 and every code 0
//  Source   docs/numerics.md, section Quantisation; ONNX DynamicQuantizeLinear-11
//

/// <summary>Reals as u8 codes (output 0) with scale (1) and zero point (2) taken from their range.</summary>
public sealed class DynamicQuantizeLinear : Op
{
    private DynamicQuantizeLinear()
        : base(nameof(DynamicQuantizeLinear), 1)
    {
    }

    /// <summary>The op.</summary>
    public static DynamicQuantizeLinear Instance { get; } = new();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1 && inputs[0].DType == DType.F32, "takes one f32 input", inputs);
        return [inputs[0] with { DType = DType.U8 }, new TensorType(DType.F32, Shape.Scalar), new TensorType(DType.U8, Shape.Scalar)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        (float scale, long zero) = Range(x);
        for (int i = 0; i < y.Count; i++)
        {
            if (output == 1)
            {
                y.Set(i, scale);
            }
            else
            {
                y.Set(i, output == 2 ? zero : Quantized.Saturate(x.Load<float>(0, start + i) / scale, zero, DType.U8));
            }
        }
    }

    /// <inheritdoc/>
    public override long MaxReads(ReadOnlySpan<TensorType> inputs, int output) => (2 * inputs[0].Elements) + 1;

    private static (float Scale, long Zero) Range(ElementReader x)
    {
        long count = x.Type(0).Elements;
        float low = Real.Min(0f, Extremes.Smallest<float>(count, (start, terms) => x.Load(0, start, terms)));
        float high = Real.Max(0f, Extremes.Largest<float>(count, (start, terms) => x.Load(0, start, terms)));
        float scale = high == low ? 1f : (high - low) / 255f;
        float zero = 0f - (low / scale);
        return (scale, Quantized.Saturate(zero, 0, DType.U8));
    }
}
