using System;



namespace VerifiableCompute.Engine.Ops;

//
//  Round: nearest integer, halves to even
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact; -0.4 gives -0
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Round-22
//

/// <summary>Nearest integer, halves to even.</summary>
public sealed class Round : Unary
{
    private Round()
        : base(nameof(Round), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Round Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => (float)Math.Round((double)x, MidpointRounding.ToEven);

    /// <inheritdoc/>
    public override double Map(double x) => Math.Round(x, MidpointRounding.ToEven);
}
