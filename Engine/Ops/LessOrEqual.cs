using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  LessOrEqual: whether a is not above b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      false
//  Source   docs/numerics.md, section Elementwise; ONNX LessOrEqual-16
//

/// <summary>Whether a is not above b.</summary>
public sealed class LessOrEqual : Comparison
{
    private LessOrEqual()
        : base(nameof(LessOrEqual), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static LessOrEqual Instance { get; } = new();

    /// <inheritdoc/>
    public override bool Test(double a, double b) => a <= b;

    /// <inheritdoc/>
    public override bool Test(long a, long b, DType type) => Integers.Compare(a, b, type) <= 0;
}
