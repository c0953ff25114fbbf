using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Asinh: inverse hyperbolic sine
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Asinh-22
//

/// <summary>Inverse hyperbolic sine.</summary>
public sealed class Asinh : Unary
{
    private Asinh()
        : base(nameof(Asinh), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Asinh Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Asinh(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Asinh(x);
}
