using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Add: a + b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding one; integers wrap
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Elementwise; ONNX Add-14
//

/// <summary>A + b.</summary>
public sealed class Add : Arithmetic
{
    private Add()
        : base(nameof(Add), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Add Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float a, float b) => a + b;

    /// <inheritdoc/>
    public override double Map(double a, double b) => a + b;

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => unchecked(a + b);
}
