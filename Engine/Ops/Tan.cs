using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Tan: tangent of x radians
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Tan-22
//

/// <summary>Tangent of x radians.</summary>
public sealed class Tan : Unary
{
    private Tan()
        : base(nameof(Tan), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Tan Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Tan(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Tan(x);
}
