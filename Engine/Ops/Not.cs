using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Not: every bit turned; of a truth value the other one
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact
//  NaN      none
//  Source   docs/numerics.md, section Elementwise; ONNX Not-1, BitwiseNot-18
//

/// <summary>Every bit turned; of a truth value the other one.</summary>
public sealed class Not : Unary
{
    private Not()
        : base(nameof(Not), ElementKinds.Integer | ElementKinds.Bool)
    {
    }

    /// <summary>The op.</summary>
    public static Not Instance { get; } = new();

    /// <inheritdoc/>
    public override long Map(long x, DType type) => type == DType.Bool ? 1 - x : ~x;
}
