using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Exp: e to the power x
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Exp-13
//

/// <summary>E to the power x.</summary>
public sealed class Exp : Unary
{
    private Exp()
        : base(nameof(Exp), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Exp Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Exp(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Exp(x);
}
