using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Elu: x where x is not negative, else alpha times (exp(x) - 1)
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding expm1, then one product
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Elu-22
//

/// <summary>X where x is not negative, else alpha times (exp(x) - 1).</summary>
public sealed class Elu(float alpha) : Unary("Elu", ElementKinds.Real, OpAttribute.Of("alpha", alpha))
{
    /// <summary>The attribute alpha.</summary>
    public float Alpha { get; } = alpha;

    /// <inheritdoc/>
    public override float Map(float x) => x < 0 ? Alpha * Functions.Expm1(x) : x;

    /// <inheritdoc/>
    public override double Map(double x) => x < 0 ? Alpha * Functions.Expm1(x) : x;
}
