using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Reciprocal: 1 / x
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Reciprocal-13
//

/// <summary>1 / x.</summary>
public sealed class Reciprocal : Unary
{
    private Reciprocal()
        : base(nameof(Reciprocal), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Reciprocal Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Reciprocal(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Reciprocal(x);
}
