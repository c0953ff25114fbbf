using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Selu: gamma times Elu
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding t = expm1(x); t = alpha * t; gamma * t; each rounded
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Selu-22
//

/// <summary>Gamma times Elu.</summary>
public sealed class Selu(float alpha, float gamma) : Unary("Selu", ElementKinds.Real, OpAttribute.Of("alpha", alpha), OpAttribute.Of("gamma", gamma))
{
    /// <summary>The attribute alpha.</summary>
    public float Alpha { get; } = alpha;

    /// <summary>The attribute gamma.</summary>
    public float Gamma { get; } = gamma;

    /// <inheritdoc/>
    public override float Map(float x) => Gamma * (x < 0 ? Alpha * Functions.Expm1(x) : x);

    /// <inheritdoc/>
    public override double Map(double x) => Gamma * (x < 0 ? Alpha * Functions.Expm1(x) : x);
}
