using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Or: or, bit by bit; of truth values the logical one
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      none
//  Source   docs/numerics.md, section Elementwise; ONNX Or-7, BitwiseOr-18
//

/// <summary>Or, bit by bit; of truth values the logical one.</summary>
public sealed class Or : Arithmetic
{
    private Or()
        : base(nameof(Or), ElementKinds.Integer | ElementKinds.Bool)
    {
    }

    /// <summary>The op.</summary>
    public static Or Instance { get; } = new();

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => a | b;
}
