using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Acosh: inverse hyperbolic cosine
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Acosh-22
//

/// <summary>Inverse hyperbolic cosine.</summary>
public sealed class Acosh : Unary
{
    private Acosh()
        : base(nameof(Acosh), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Acosh Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Acosh(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Acosh(x);
}
