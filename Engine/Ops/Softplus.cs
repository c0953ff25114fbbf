using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Softplus: log(1 + exp(x))
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    as Rounding
//  Rounding max(x, 0) + log1p(exp(-|x|)), each step rounded
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Softplus-22
//

/// <summary>Log(1 + exp(x)).</summary>
public sealed class Softplus : Unary
{
    private Softplus()
        : base(nameof(Softplus), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Softplus Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Real.Max(x, 0f) + Functions.Log1p(Functions.Exp(-Compose.Abs(x)));

    /// <inheritdoc/>
    public override double Map(double x) => Real.Max(x, 0d) + Functions.Log1p(Functions.Exp(-Compose.Abs(x)));
}
