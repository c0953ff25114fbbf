using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Or: logical or
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact
//  NaN      none
//  Source   docs/numerics.md, section Elementwise; ONNX Or-7
//

/// <summary>Logical or.</summary>
public sealed class Or : Arithmetic
{
    private Or()
        : base(nameof(Or), ElementKinds.Bool)
    {
    }

    /// <summary>The op.</summary>
    public static Or Instance { get; } = new();

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type) => a | b;
}
