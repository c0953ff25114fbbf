using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Softsign: x / (1 + |x|)
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    as Rounding
//  Rounding d = 1 + |x|; x / d; each step rounded (infinity gives NaN)
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Softsign-22
//

/// <summary>X / (1 + |x|).</summary>
public sealed class Softsign : Unary
{
    private Softsign()
        : base(nameof(Softsign), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Softsign Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => x / (1f + Compose.Abs(x));

    /// <inheritdoc/>
    public override double Map(double x) => x / (1d + Compose.Abs(x));
}
