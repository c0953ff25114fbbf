using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Conv: a dot product of each window of X with each kernel of W, plus a bias
//
//  Shapes   X [N, C, spatial..], W [M, C / groups, kernel..], optional B [M], one real type -> Y [N, M, output..]
//  Reads    the window of X in the channels of the group, row m of W, element m of B
//  Order    the dot-product formula over k = (channel within the group, taps row-major), from B[m] + 0; padding is the value +0
//  Rounding one per fma; f16 and bf16 are widened, the total is rounded once to storage
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Dot products; ONNX Conv-22
//

/// <summary>A dot product of each window of X with each kernel of W, plus a bias.</summary>
/// <param name="window">The window.</param>
/// <param name="groups">Number of groups.</param>
public sealed class Conv(Window window, long groups)
    : Op("Conv", 1, [.. window.Attributes, new OpAttribute("groups", groups)])
{
    /// <summary>The window.</summary>
    public Window Window { get; } = window.Sensible();

    /// <summary>Number of groups.</summary>
    public long Groups { get; } = OpAttribute.Groups(groups);

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length is 2 or 3, "takes X, W and optionally B", inputs);
        DType type = inputs[0].DType;
        Require(type.IsReal() && inputs[1].DType == type, "one real element type", inputs);
        Shape shape = ConvShape.Infer(Window, inputs[0].Shape, inputs[1].Shape, Groups)
            ?? throw Refuse("X [N, C, spatial..] and W [M, C / groups, kernel..] that fit the window", inputs);
        Require(
            inputs.Length == 2 || inputs[2] == new TensorType(type, new Shape(shape[1])), "B is [M] of the same type", inputs);
        return [new TensorType(type, shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (y.Type == DType.F64)
        {
            Evaluate<double>(x, start, y);
        }
        else
        {
            Evaluate<float>(x, start, y);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        ConvShape.Read(reads, Window, Groups, slotW: 1);
        if (reads.Inputs == 3)
        {
            reads.Add(2, reads.Box[1]);
        }
    }

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ConvShape shape = new(Window, x.Type(0).Shape, x.Type(1).Shape, Groups);
        T[] patch = new T[shape.K];
        Span<T> block = stackalloc T[Dots.Block];
        for (int i = 0; i < y.Count; i++)
        {
            long m = shape.Channel(start + i);
            shape.Fill(x, start + i, T.Zero, patch.AsSpan());
            T total = x.Slots == 3 ? Dots.Start(T.One, x.Load<T>(2, m)) : T.Zero;
            for (int k = 0; k < patch.Length; k += Dots.Block)
            {
                int count = Math.Min(Dots.Block, patch.Length - k);
                x.Load(1, (m * shape.K) + k, block[..count]);
                total = Dots.Add<T>(total, T.One, patch.AsSpan(k, count), block[..count]);
            }

            y.Store(i, total);
        }
    }
}
