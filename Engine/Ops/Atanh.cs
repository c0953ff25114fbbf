using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Atanh: inverse hyperbolic tangent
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Atanhh-22
//

/// <summary>Inverse hyperbolic tangent.</summary>
public sealed class Atanh : Unary
{
    private Atanh()
        : base(nameof(Atanh), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Atanh Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Atanh(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Atanh(x);
}
