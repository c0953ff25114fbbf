using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Div: a / b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding one; integers truncate toward zero, x / 0 = 0, least / -1 = least
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Elementwise; ONNX Div-14
//

/// <summary>A / b.</summary>
public sealed class Div : Arithmetic
{
    private Div()
        : base(nameof(Div), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Div Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float a, float b) => a / b;

    /// <inheritdoc/>
    public override double Map(double a, double b) => a / b;

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => Integers.Divide(a, b, type);
}
