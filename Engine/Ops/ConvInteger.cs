using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  ConvInteger: a dot product of each window of codes X with each kernel of codes W, less their zero points
//
//  Shapes   X [N, C, spatial..], W [M, C / groups, kernel..] (u8 or i8), zero of X [], zeros of W [M] -> Y i32 [N, M, output..]
//  Reads    the window of X in the channels of the group, row m of W, both zero points
//  Order    any: i32, wrapping; padding is the zero point, so it adds nothing
//  Rounding exact
//  NaN      none
//  Source   docs/numerics.md, section Quantisation; ONNX ConvInteger-10
//

/// <summary>A dot product of each window of codes X with each kernel of codes W, less their zero points. Inputs: X, W, zero of X, zeros of W.</summary>
/// <param name="window">The window.</param>
/// <param name="groups">Number of groups.</param>
public sealed class ConvInteger(Window window, long groups)
    : Op("ConvInteger", 1, [.. window.Attributes, new OpAttribute("groups", groups)])
{
    /// <summary>The window.</summary>
    public Window Window { get; } = window.Sensible();

    /// <summary>Number of groups.</summary>
    public long Groups { get; } = OpAttribute.Groups(groups);

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 4, "takes X, W and their zero points", inputs);
        Shape shape = ConvShape.Infer(Window, inputs[0].Shape, inputs[1].Shape, Groups)
            ?? throw Refuse("X [N, C, spatial..] and W [M, C / groups, kernel..] that fit the window", inputs);
        Require(ConvShape.IsCodes(inputs[0], inputs[2], inputs[1], inputs[3]), "codes u8 or i8, one zero for X and one a row of W", inputs);
        return [new TensorType(DType.I32, shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ConvShape shape = new(Window, x.Type(0).Shape, x.Type(1).Shape, Groups);
        long[] patch = new long[shape.K];
        for (int i = 0; i < y.Count; i++)
        {
            y.Set(i, shape.Sum(x, start + i, x.Load<long>(2, 0), 1, x.Load<long>(3, shape.Channel(start + i)), patch));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        ConvShape.Read(reads, Window, Groups, slotW: 1);
        reads.Add(2);
        reads.Add(3, reads.Box[1]);
    }

}
