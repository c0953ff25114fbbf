using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  DotInteger: rows of codes A times rows of codes B, less their zero points
//
//  Shapes   A [batch.., M, K], B [batch.., N, K] (u8 or i8), zeros of A [batch.., M] and of B [batch.., N] -> Y i32 [batch.., M, N]
//           (a zero point for the whole tensor is broadcast by a View)
//  Reads    row m of A, row n of B, their zero points
//  Order    any: i32, wrapping
//  Rounding exact
//  NaN      none
//  Source   docs/numerics.md, section Quantisation; ONNX MatMulInteger-10
//

/// <summary>Rows of codes A times rows of codes B, less their zero points.</summary>
public sealed class DotInteger : Op
{
    private DotInteger()
        : base(nameof(DotInteger), 1)
    {
    }

    /// <summary>The op.</summary>
    public static DotInteger Instance { get; } = new();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 4, "takes A, B and their zero points", inputs);
        Shape shape = DotShape.Infer(inputs[0].Shape, inputs[1].Shape)
            ?? throw Refuse("A [batch.., M, K] and B [batch.., N, K] with equal batch and K", inputs);
        Require(DotShape.IsCodes(inputs[0], inputs[2]) && DotShape.IsCodes(inputs[1], inputs[3]), "codes u8 or i8, a zero point a row", inputs);
        return [new TensorType(DType.I32, shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        DotShape shape = new(x.Type(0).Shape, x.Type(1).Shape);
        for (int i = 0; i < y.Count; i++)
        {
            (long rowA, long rowB) = shape.Rows(start + i);
            y.Set(i, shape.Sum(x, 0, rowA, x.Load<long>(2, rowA), 1, rowB, x.Load<long>(3, rowB)));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        DotShape.ReadRows(reads, 0, 1);
        reads.Add(2, reads.Box[..^1]);
        reads.Add(3, reads.Box.RemoveAt(reads.Box.Length - 2));
    }

}
