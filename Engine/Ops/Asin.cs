using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Asin: inverse sine, in radians
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Asin-22
//

/// <summary>Inverse sine, in radians.</summary>
public sealed class Asin : Unary
{
    private Asin()
        : base(nameof(Asin), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Asin Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Asin(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Asin(x);
}
