using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Sinh: hyperbolic sine
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Sinh-22
//

/// <summary>Hyperbolic sine.</summary>
public sealed class Sinh : Unary
{
    private Sinh()
        : base(nameof(Sinh), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Sinh Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Sinh(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Sinh(x);
}
