using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Atan: inverse tangent, in radians
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Atan-22
//

/// <summary>Inverse tangent, in radians.</summary>
public sealed class Atan : Unary
{
    private Atan()
        : base(nameof(Atan), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Atan Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Atan(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Atan(x);
}
