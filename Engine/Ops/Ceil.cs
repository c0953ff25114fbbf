using System;



namespace VerifiableCompute.Engine.Ops;

//
//  Ceil: smallest integer not below x
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact; -0.5 gives -0
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Ceil-13
//

/// <summary>Smallest integer not below x.</summary>
public sealed class Ceil : Unary
{
    private Ceil()
        : base(nameof(Ceil), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Ceil Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => (float)Math.Ceiling((double)x);

    /// <inheritdoc/>
    public override double Map(double x) => Math.Ceiling(x);
}
