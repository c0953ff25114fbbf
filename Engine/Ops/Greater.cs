using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Greater: whether a is above b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      false
//  Source   docs/numerics.md, section Elementwise; ONNX Greater-13
//

/// <summary>Whether a is above b.</summary>
public sealed class Greater : Comparison
{
    private Greater()
        : base(nameof(Greater), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Greater Instance { get; } = new();

    /// <inheritdoc/>
    public override bool Test(double a, double b) => a > b;

    /// <inheritdoc/>
    public override bool Test(long a, long b, DType type) => Integers.Compare(a, b, type) > 0;
}
