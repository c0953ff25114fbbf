using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  QLinearDot: rows of codes A times rows of codes B, as codes (QLinearMatMul)
//
//  Shapes   A [batch.., M, K], its scales f32 and zeros [batch.., M]; B [batch.., N, K], its scales and zeros [batch.., N] (u8 or i8);
//           scale f32 [] and zero [] of Y (u8 or i8) -> Y [batch.., M, N] of that zero's type
//  Reads    row m of A, row n of B, their scales and zeros, scale and zero of Y
//  Order    total: i32, any order, wrapping; y = clamp(rne(fl(total) * fl(fl(as * bs) / ys)), low - zero, high - zero) + zero
//  Rounding one per step
//  NaN      a NaN scale gives the least code
//  Source   docs/numerics.md, section Quantisation; ONNX QLinearMatMul-21
//

/// <summary>Rows of codes A times rows of codes B, as codes. Inputs: A, its scales, its zeros, B, its scales, its zeros, scale and zero of Y.</summary>
public sealed class QLinearDot : Op
{
    private QLinearDot()
        : base(nameof(QLinearDot), 1)
    {
    }

    /// <summary>The op.</summary>
    public static QLinearDot Instance { get; } = new();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 8, "takes A, B and Y's parts", inputs);
        Shape shape = DotShape.Infer(inputs[0].Shape, inputs[3].Shape)
            ?? throw Refuse("A [batch.., M, K] and B [batch.., N, K] with equal batch and K", inputs);
        Require(
            DotShape.IsCodes(inputs[0], inputs[2]) && inputs[1] == new TensorType(DType.F32, inputs[2].Shape)
            && DotShape.IsCodes(inputs[3], inputs[5]) && inputs[4] == new TensorType(DType.F32, inputs[5].Shape)
            && inputs[6] == new TensorType(DType.F32, Shape.Scalar)
            && inputs[7].DType is DType.U8 or DType.I8 && inputs[7].Shape.Rank == 0,
            "codes u8 or i8, a scale and a zero a row, one of each for Y",
            inputs);
        return [new TensorType(inputs[7].DType, shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        DotShape shape = new(x.Type(0).Shape, x.Type(3).Shape);
        for (int i = 0; i < y.Count; i++)
        {
            (long rowA, long rowB) = shape.Rows(start + i);
            long total = shape.Sum(x, 0, rowA, x.Load<long>(2, rowA), 3, rowB, x.Load<long>(5, rowB));
            float multiplier = Quantized.Multiplier(x.Load<float>(1, rowA), x.Load<float>(4, rowB), x.Load<float>(6, 0));
            y.Set(i, Quantized.Requantise(total, multiplier, x.Load<long>(7, 0), y.Type));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        DotShape.ReadRows(reads, 0, 3);
        for (int slot = 1; slot <= 2; slot++)
        {
            reads.Add(slot, reads.Box[..^1]);
            reads.Add(3 + slot, reads.Box.RemoveAt(reads.Box.Length - 2));
            reads.Add(5 + slot);
        }
    }

}
