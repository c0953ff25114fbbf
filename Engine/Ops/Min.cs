using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Min: the smaller of a and b
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact; -0 is below +0
//  NaN      NaN wins
//  Source   docs/numerics.md, section Elementwise; ONNX Min-13
//

/// <summary>The smaller of a and b.</summary>
public sealed class Min : Arithmetic
{
    private Min()
        : base(nameof(Min), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Min Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float a, float b) => Real.Min(a, b);

    /// <inheritdoc/>
    public override double Map(double a, double b) => Real.Min(a, b);

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => Integers.Compare(a, b, type) <= 0 ? a : b;
}
