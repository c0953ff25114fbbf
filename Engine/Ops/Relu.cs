using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Relu: the larger of x and +0
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact; -0 gives +0
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Relu-14
//

/// <summary>The larger of x and +0.</summary>
public sealed class Relu : Unary
{
    private Relu()
        : base(nameof(Relu), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Relu Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Real.Max(x, 0f);

    /// <inheritdoc/>
    public override double Map(double x) => Real.Max(x, 0d);

    /// <inheritdoc/>
    public override long Map(long x, DType type) => type == DType.U64 || x > 0 ? x : 0;
}
