using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Neg: minus x
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact; integers wrap
//  NaN      NaN gives NaN (its sign does not flip)
//  Source   docs/numerics.md, section Elementwise; ONNX Neg-13
//

/// <summary>Minus x.</summary>
public sealed class Neg : Unary
{
    private Neg()
        : base(nameof(Neg), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Neg Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => -x;

    /// <inheritdoc/>
    public override double Map(double x) => -x;

    /// <inheritdoc/>
    public override long Map(long x, DType type) => unchecked(-x);
}
