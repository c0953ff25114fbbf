using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Xor: exclusive or, bit by bit; of truth values the logical one
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      none
//  Source   docs/numerics.md, section Elementwise; ONNX Xor-7, BitwiseXor-18
//

/// <summary>Exclusive or, bit by bit; of truth values the logical one.</summary>
public sealed class Xor : Arithmetic
{
    private Xor()
        : base(nameof(Xor), ElementKinds.Integer | ElementKinds.Bool)
    {
    }

    /// <summary>The op.</summary>
    public static Xor Instance { get; } = new();

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => a ^ b;
}
