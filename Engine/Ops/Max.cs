using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Max: the larger of a and b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact; +0 is above -0
//  NaN      NaN wins
//  Source   docs/numerics.md, section Elementwise; ONNX Max-13
//

/// <summary>The larger of a and b.</summary>
public sealed class Max : Arithmetic
{
    private Max()
        : base(nameof(Max), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Max Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float a, float b) => Real.Max(a, b);

    /// <inheritdoc/>
    public override double Map(double a, double b) => Real.Max(a, b);

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => Integers.Compare(a, b, type) >= 0 ? a : b;
}
