using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  BitShift: the bits of a moved by b places
//
//  Shapes   as Binary, unsigned integers
//  Reads    as Binary
//  Order    none
//  Rounding exact: bits moved out are lost, those moved in are 0; a shift by the width or more gives 0
//  NaN      none
//  Source   docs/numerics.md, section Elementwise; ONNX BitShift-11
//

/// <summary>The bits of a moved by b places.</summary>
/// <param name="left">Toward the high end.</param>
public sealed class BitShift(bool left) : Arithmetic("BitShift", ElementKinds.Integer, OpAttribute.Of("left", left))
{
    private const int Widest = 64;

    /// <summary>Toward the high end.</summary>
    public bool Left { get; } = left;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 2 && inputs[0].DType.IsUnsigned(), "takes two unsigned operands", inputs);
        return base.Infer(inputs);
    }

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type)
        => unchecked((ulong)b) >= Widest ? 0 : Left ? a << (int)b : unchecked((long)((ulong)a >> (int)b));
}
