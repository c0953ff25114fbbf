using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  HardSwish: x times max(0, min(1, x / 6 + 0.5))
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    as Rounding
//  Rounding t = x * fl(1/6); t = t + 0.5; x * max(0, min(1, t)); each step rounded
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX HardSwish-22
//

/// <summary>X times max(0, min(1, x / 6 + 0.5)).</summary>
public sealed class HardSwish : Unary
{
    private HardSwish()
        : base(nameof(HardSwish), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static HardSwish Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => x * Real.Max(0f, Real.Min(1f, (x * (1f / 6f)) + 0.5f));

    /// <inheritdoc/>
    public override double Map(double x) => x * Real.Max(0d, Real.Min(1d, (x * (1d / 6d)) + 0.5d));
}
