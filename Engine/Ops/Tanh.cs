using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Tanh: hyperbolic tangent
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Tanh-13
//

/// <summary>Hyperbolic tangent.</summary>
public sealed class Tanh : Unary
{
    private Tanh()
        : base(nameof(Tanh), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Tanh Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Tanh(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Tanh(x);
}
