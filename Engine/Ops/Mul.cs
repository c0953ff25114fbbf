using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Mul: a times b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding one; integers wrap
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Elementwise; ONNX Mul-14
//

/// <summary>A times b.</summary>
public sealed class Mul : Arithmetic
{
    private Mul()
        : base(nameof(Mul), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Mul Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float a, float b) => a * b;

    /// <inheritdoc/>
    public override double Map(double a, double b) => a * b;

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => unchecked(a * b);
}
