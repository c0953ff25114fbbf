using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Pow: a to the power b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding correctly rounded; integers: wrapping product, a negative exponent gives the exact value truncated (0 for base 0)
//  NaN      IEEE 754-2019 pow
//  Source   docs/numerics.md, section Elementwise; ONNX Pow-15
//

/// <summary>A to the power b.</summary>
public sealed class Pow : Arithmetic
{
    private Pow()
        : base(nameof(Pow), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Pow Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float a, float b) => Functions.Pow(a, b);

    /// <inheritdoc/>
    public override double Map(double a, double b) => Functions.Pow(a, b);

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => Integers.Power(a, b, type);
}
