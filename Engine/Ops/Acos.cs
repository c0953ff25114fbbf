using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Acos: inverse cosine, in radians
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Acos-22
//

/// <summary>Inverse cosine, in radians.</summary>
public sealed class Acos : Unary
{
    private Acos()
        : base(nameof(Acos), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Acos Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Acos(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Acos(x);
}
