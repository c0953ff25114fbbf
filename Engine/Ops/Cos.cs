using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Cos: cosine of x radians
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Cos-22
//

/// <summary>Cosine of x radians.</summary>
public sealed class Cos : Unary
{
    private Cos()
        : base(nameof(Cos), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Cos Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Cos(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Cos(x);
}
