using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Less: whether a is below b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      false
//  Source   docs/numerics.md, section Elementwise; ONNX Less-13
//

/// <summary>Whether a is below b.</summary>
public sealed class Less : Comparison
{
    private Less()
        : base(nameof(Less), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Less Instance { get; } = new();

    /// <inheritdoc/>
    public override bool Test(double a, double b) => a < b;

    /// <inheritdoc/>
    public override bool Test(long a, long b, DType type) => Integers.Compare(a, b, type) < 0;
}
