using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  DynamicQuantizeLinear: reals as u8 codes, scale and zero point taken from their range
//
//  Shapes   X f32, any shape -> Y u8 of the same shape; auxiliary: where X has more than 4,096 elements, the smallest of each block,
//           level by level, then the largest of each; then low [], high [], scale [], all f32, and zero u8 []
//  Reads    a block: its 4,096 elements of X or of the level below; low, high: the last level, or X where there is none;
//           scale: low, high; zero: low, scale; Y: the element, scale, zero
//  Order    low = min(0, x..), high = max(0, x..); scale = high == low ? 1 : fl(high - low) / 255;
//           zero = rne(clamp(0 - fl(low / scale), 0, 255)); y = clamp(rne(fl(x / scale)), 0 - zero, 255 - zero) + zero
//  Rounding one per step
//  NaN      a NaN anywhere makes scale NaN, zero 0 and every code 0
//  Source   docs/numerics.md, section Quantisation; ONNX DynamicQuantizeLinear-11
//

/// <summary>Reals as u8 codes, with scale and zero point taken from their range: the last two outputs.</summary>
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
        TensorType one = new(DType.F32, Shape.Scalar);
        TensorType[] levels = [.. BlockLevels.Of(inputs[0].Elements).Select(blocks => one with { Shape = new Shape(blocks) })];
        return [inputs[0] with { DType = DType.U8 }, .. levels, .. levels, one, one, one, one with { DType = DType.U8 }];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        int levels = BlockLevels.Of(x.Type(0).Elements).Length;
        int low = 1 + (2 * levels);
        for (int i = 0; i < y.Count; i++)
        {
            switch (output - low)
            {
                case < 0 when output == 0:
                    float quotient = x.Load<float>(0, start + i) / x.Load<float>(Slot(low + 2), 0);
                    y.Set(i, Quantized.Saturate(quotient, x.Load<long>(Slot(low + 3), 0), DType.U8));
                    break;
                case < 0:
                    bool largest = output > levels;
                    y.Set(i, Extreme(x, (output - 1) % levels, largest, Slot(output - 1), start + i));
                    break;
                case 0:
                    y.Set(i, Real.Min(0f, Extreme(x, levels, largest: false, Slot(levels), 0)));
                    break;
                case 1:
                    y.Set(i, Real.Max(0f, Extreme(x, levels, largest: true, Slot(2 * levels), 0)));
                    break;
                case 2:
                    y.Set(i, Scale(x.Load<float>(Slot(low), 0), x.Load<float>(Slot(low + 1), 0)));
                    break;
                default:
                    y.Set(i, Quantized.Saturate(0f - (x.Load<float>(Slot(low), 0) / x.Load<float>(Slot(low + 2), 0)), 0, DType.U8));
                    break;
            }
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        int levels = BlockLevels.Of(reads.Shape(0).Elements).Length;
        int low = 1 + (2 * levels);
        int stage = reads.Output - low;
        if (reads.Output == 0)
        {
            reads.Add(0, reads.Box);
            reads.Add(Slot(low + 2));
            reads.Add(Slot(low + 3));
        }
        else if (stage < 2)
        {
            int level = stage < 0 ? (reads.Output - 1) % levels : levels;
            int below = stage < 0 ? Slot(reads.Output - 1) : Slot((stage + 1) * levels);
            BlockStep step = BlockStep.Of(reads.Shape(0).Elements, level, below);
            reads.Add(step.Slot, step.Footprint(reads, []));
        }
        else
        {
            reads.Add(Slot(low));
            reads.Add(Slot(low + (stage == 2 ? 1 : 2)));
        }
    }

    private static int Slot(int output) => 1 + output;

    private static float Scale(float low, float high) => high == low ? 1f : (high - low) / 255f;

    private static float Extreme(ElementReader x, int level, bool largest, int below, long result)
    {
        BlockStep step = BlockStep.Of(x.Type(0).Elements, level, below);
        (_, long first, int count) = step.Block(result);
        void Terms(long from, Span<float> terms) => x.Load(step.Slot, first + from, terms);
        return largest ? Extremes.Largest<float>(count, Terms) : Extremes.Smallest<float>(count, Terms);
    }
}
