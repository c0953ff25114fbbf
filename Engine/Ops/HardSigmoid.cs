using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  HardSigmoid: max(0, min(1, alpha times x + beta))
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding one product, one sum
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX HardSigmoid-22
//

/// <summary>Max(0, min(1, alpha times x + beta)).</summary>
public sealed class HardSigmoid(float alpha, float beta) : Unary("HardSigmoid", ElementKinds.Real, OpAttribute.Of("alpha", alpha), OpAttribute.Of("beta", beta))
{
    /// <summary>The attribute alpha.</summary>
    public float Alpha { get; } = alpha;

    /// <summary>The attribute beta.</summary>
    public float Beta { get; } = beta;

    /// <inheritdoc/>
    public override float Map(float x) => Real.Max(0f, Real.Min(1f, (Alpha * x) + Beta));

    /// <inheritdoc/>
    public override double Map(double x) => Real.Max(0d, Real.Min(1d, (Alpha * x) + Beta));
}
