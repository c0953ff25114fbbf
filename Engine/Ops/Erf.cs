using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Erf: error function
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Erf-13
//

/// <summary>Error function.</summary>
public sealed class Erf : Unary
{
    private Erf()
        : base(nameof(Erf), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Erf Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Erf(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Erf(x);
}
