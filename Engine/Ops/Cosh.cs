using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Cosh: hyperbolic cosine
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Cosh-22
//

/// <summary>Hyperbolic cosine.</summary>
public sealed class Cosh : Unary
{
    private Cosh()
        : base(nameof(Cosh), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Cosh Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Cosh(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Cosh(x);
}
