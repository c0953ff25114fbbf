using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  GreaterOrEqual: whether a is not below b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      false
//  Source   docs/numerics.md, section Elementwise; ONNX GreaterOrEqual-16
//

/// <summary>Whether a is not below b.</summary>
public sealed class GreaterOrEqual : Comparison
{
    private GreaterOrEqual()
        : base(nameof(GreaterOrEqual), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static GreaterOrEqual Instance { get; } = new();

    /// <inheritdoc/>
    public override bool Test(double a, double b) => a >= b;

    /// <inheritdoc/>
    public override bool Test(long a, long b, DType type) => Integers.Compare(a, b, type) >= 0;
}
