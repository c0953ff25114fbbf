using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Sin: sine of x radians
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Sin-22
//

/// <summary>Sine of x radians.</summary>
public sealed class Sin : Unary
{
    private Sin()
        : base(nameof(Sin), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Sin Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Sin(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Sin(x);
}
