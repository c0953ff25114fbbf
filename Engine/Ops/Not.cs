using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Not: logical negation
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact
//  NaN      none
//  Source   docs/numerics.md, section Elementwise; ONNX Not-1
//

/// <summary>Logical negation.</summary>
public sealed class Not : Unary
{
    private Not()
        : base(nameof(Not), ElementKinds.Bool)
    {
    }

    /// <summary>The op.</summary>
    public static Not Instance { get; } = new();

    /// <inheritdoc/>
    public override long Map(long x, DType type) => x == 0 ? 1 : 0;
}
