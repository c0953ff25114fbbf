using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  BitCast: the same bits as elements of another type
//
//  Shapes   X any type -> Y of X's shape, of the type asked for, which is of the same size
//  Reads    the element
//  Order    none
//  Rounding none: the bits are X's; as bool 1 where they are not 0
//  NaN      bits that are a NaN of the new type become the canonical one
//  Source   docs/numerics.md, section Values; ONNX BitCast-26
//

/// <summary>The same bits as elements of another type of the same size.</summary>
/// <param name="to">The type.</param>
public sealed class BitCast(DType to) : Op("BitCast", 1, new OpAttribute("to", (long)to))
{
    /// <summary>The type.</summary>
    public DType To { get; } = to.IsKnown() ? to : throw Error.AttributeUnknown("to", (long)to);

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1 && inputs[0].DType.Size() == To.Size(), $"takes one input with elements of {To.Size()} bytes", inputs);
        return [inputs[0] with { DType = To }];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        x.Read(0, start, y.Bytes);
        Tensor.Canonicalise(To, y.Bytes);
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.SameOfAll();
}
