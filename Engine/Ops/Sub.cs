using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Sub: a - b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding one; integers wrap
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Elementwise; ONNX Sub-14
//

/// <summary>A - b.</summary>
public sealed class Sub : Arithmetic
{
    private Sub()
        : base(nameof(Sub), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Sub Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float a, float b) => a - b;

    /// <inheritdoc/>
    public override double Map(double a, double b) => a - b;

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => unchecked(a - b);
}
