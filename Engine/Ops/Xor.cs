using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Xor: logical exclusive or
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      none
//  Source   docs/numerics.md, section Elementwise; ONNX Xor-7
//

/// <summary>Logical exclusive or.</summary>
public sealed class Xor : Arithmetic
{
    private Xor()
        : base(nameof(Xor), ElementKinds.Bool)
    {
    }

    /// <summary>The op.</summary>
    public static Xor Instance { get; } = new();

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => a ^ b;
}
