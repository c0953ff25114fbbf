using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  QLinearConv: a dot product of each window of codes X with each kernel of codes W, as codes
//
//  Shapes   X [N, C, spatial..], its scale f32 [] and zero []; W [M, C / groups, kernel..], its scales f32 and zeros [M];
//           scale f32 [] and zero [] of Y; optional B i32 [M] -> Y [N, M, output..] of the last zero's type (all codes u8 or i8)
//  Reads    the window of X in the channels of the group, row m of W, scales, zeros, element m of B
//  Order    total: i32, any order, wrapping, B[m] included; padding is the zero point;
//           y = clamp(rne(fl(total) * fl(fl(xs * ws[m]) / ys)), low - zero, high - zero) + zero
//  Rounding one per step
//  NaN      a NaN scale gives the least code
//  Source   docs/numerics.md, section Quantisation; ONNX QLinearConv-10
//

/// <summary>A dot product of each window of codes X with each kernel of codes W, as codes. Inputs: X, its scale, its zero, W, its scales,
/// its zeros, scale and zero of Y, optionally B.</summary>
/// <param name="window">The window.</param>
/// <param name="groups">Number of groups.</param>
public sealed class QLinearConv(Window window, long groups)
    : Op("QLinearConv", 1, [.. window.Attributes, new OpAttribute("groups", groups)])
{
    /// <summary>The window.</summary>
    public Window Window { get; } = window.Sensible();

    /// <summary>Number of groups.</summary>
    public long Groups { get; } = OpAttribute.Groups(groups);

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length is 8 or 9, "takes X, W and Y's parts, and optionally B", inputs);
        Shape shape = ConvShape.Infer(Window, inputs[0].Shape, inputs[3].Shape, Groups)
            ?? throw Refuse("X [N, C, spatial..] and W [M, C / groups, kernel..] that fit the window", inputs);
        TensorType scalar = new(DType.F32, Shape.Scalar);
        Shape row = new(shape[1]);
        Require(
            ConvShape.IsCodes(inputs[0], inputs[2], inputs[3], inputs[5])
            && inputs[1] == scalar && inputs[4] == new TensorType(DType.F32, row) && inputs[6] == scalar
            && inputs[7].DType is DType.U8 or DType.I8 && inputs[7].Shape.Rank == 0
            && (inputs.Length == 8 || inputs[8] == new TensorType(DType.I32, row)),
            "codes u8 or i8, one scale and zero for X and Y and one a row of W, B i32 [M]",
            inputs);
        return [new TensorType(inputs[7].DType, shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ConvShape shape = new(Window, x.Type(0).Shape, x.Type(3).Shape, Groups);
        long[] patch = new long[shape.K];
        for (int i = 0; i < y.Count; i++)
        {
            long m = shape.Channel(start + i);
            long total = shape.Sum(x, start + i, x.Load<long>(2, 0), 3, x.Load<long>(5, m), patch);
            total = x.Slots == 9 ? unchecked(total + x.Load<long>(8, m)) : total;
            float multiplier = Quantized.Multiplier(x.Load<float>(1, 0), x.Load<float>(4, m), x.Load<float>(6, 0));
            y.Set(i, Quantized.Requantise(total, multiplier, x.Load<long>(7, 0), y.Type));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        ConvShape.Read(reads, Window, Groups, slotW: 3);
        reads.Add(1);
        reads.Add(2);
        reads.Add(4, reads.Box[1]);
        reads.Add(5, reads.Box[1]);
        reads.Add(6);
        reads.Add(7);
        if (reads.Inputs == 9)
        {
            reads.Add(8, reads.Box[1]);
        }
    }

}
