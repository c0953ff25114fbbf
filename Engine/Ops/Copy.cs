using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Copy: the same elements, laid out in their own row-major order
//
//  Shapes   X any -> Y of the same type and shape
//  Reads    the element at the same index
//  Order    none
//  Rounding none: the bits are X's
//  NaN      X's, already canonical
//  Source   docs/numerics.md, section Views
//

/// <summary>The same elements, laid out in their own row-major order: what follows a view that cannot be viewed further.</summary>
public sealed class Copy : Op
{
    private Copy()
        : base(nameof(Copy), 1)
    {
    }

    /// <summary>The op.</summary>
    public static Copy Instance { get; } = new();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1, "takes one input", inputs);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        x.Read(0, start, y.Bytes);
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.SameOfAll();

}
