using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Sign: -1, 0 or 1 by the sign of x
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact; a zero keeps its sign
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Sign-13
//

/// <summary>-1, 0 or 1 by the sign of x.</summary>
public sealed class Sign : Unary
{
    private Sign()
        : base(nameof(Sign), ElementKinds.Number)
    {
    }

    /// <summary>The op.</summary>
    public static Sign Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => x > 0 ? 1 : (x < 0 ? -1 : x);

    /// <inheritdoc/>
    public override double Map(double x) => x > 0 ? 1 : (x < 0 ? -1 : x);

    /// <inheritdoc/>
    public override long Map(long x, DType type) => x == 0 ? 0 : (x > 0 || type == DType.U64 ? 1 : -1);
}
