using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Sigmoid: 1 / (1 + exp(-x))
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    as Rounding
//  Rounding e = exp(-|x|); d = 1 + e; x >= 0 ? 1 / d : e / d; each step rounded
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Sigmoid-13
//

/// <summary>1 / (1 + exp(-x)).</summary>
public sealed class Sigmoid : Unary
{
    private Sigmoid()
        : base(nameof(Sigmoid), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Sigmoid Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Compose.Sigmoid(x);

    /// <inheritdoc/>
    public override double Map(double x) => Compose.Sigmoid(x);
}
