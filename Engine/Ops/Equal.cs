using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Equal: whether a equals b (-0 equals +0)
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      false
//  Source   docs/numerics.md, section Elementwise; ONNX Equal-19
//

/// <summary>Whether a equals b (-0 equals +0).</summary>
public sealed class Equal : Comparison
{
    private Equal()
        : base(nameof(Equal), ElementKinds.Any)
    {
    }

    /// <summary>The op.</summary>
    public static Equal Instance { get; } = new();

    /// <inheritdoc/>
    public override bool Test(double a, double b) => a == b;

    /// <inheritdoc/>
    public override bool Test(long a, long b, DType type) => a == b;
}
