using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Abs: absolute value
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact; the least signed integer stays itself
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Abs-13
//

/// <summary>Absolute value.</summary>
public sealed class Abs : Unary
{
    private Abs()
        : base(nameof(Abs), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Abs Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => x < 0 ? -x : (x == 0 ? 0 : x);

    /// <inheritdoc/>
    public override double Map(double x) => x < 0 ? -x : (x == 0 ? 0 : x);

    /// <inheritdoc/>
    public override long Map(long x, DType type) => type == DType.U64 || x >= 0 ? x : unchecked(-x);
}
