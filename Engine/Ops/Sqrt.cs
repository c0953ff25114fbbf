using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Sqrt: square root
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Sqrt-13; IEEE 754-2019 section 5.4.1
//

/// <summary>Square root.</summary>
public sealed class Sqrt : Unary
{
    private Sqrt()
        : base(nameof(Sqrt), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Sqrt Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Sqrt(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Sqrt(x);
}
