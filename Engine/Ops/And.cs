using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  And: and, bit by bit; of truth values the logical one
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      none
//  Source   docs/numerics.md, section Elementwise; ONNX And-7, BitwiseAnd-18
//

/// <summary>And, bit by bit; of truth values the logical one.</summary>
public sealed class And : Arithmetic
{
    private And()
        : base(nameof(And), ElementKinds.Integer | ElementKinds.Bool)
    {
    }

    /// <summary>The op.</summary>
    public static And Instance { get; } = new();

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => a & b;
}
