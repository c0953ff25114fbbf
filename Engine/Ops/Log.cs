using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Log: natural logarithm
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding correctly rounded
//  NaN      NaN gives NaN; outside the domain NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Log-13
//

/// <summary>Natural logarithm.</summary>
public sealed class Log : Unary
{
    private Log()
        : base(nameof(Log), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Log Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Functions.Log(x);

    /// <inheritdoc/>
    public override double Map(double x) => Functions.Log(x);
}
