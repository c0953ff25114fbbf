using System;



namespace VerifiableCompute.Engine.Ops;

//
//  Floor: largest integer not above x
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact; -0 stays -0
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Floor-13
//

/// <summary>Largest integer not above x.</summary>
public sealed class Floor : Unary
{
    private Floor()
        : base(nameof(Floor), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Floor Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => (float)Math.Floor((double)x);

    /// <inheritdoc/>
    public override double Map(double x) => Math.Floor(x);
}
