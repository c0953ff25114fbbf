using System;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  Gelu: x times the normal distribution function of x, by erfc
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    as Rounding
//  Rounding h = 0.5 * x; t = x * [BF3504F3], the f32 nearest to -1/sqrt 2 (f64: [BFE6A09E667F3BCD]); h * erfc(t); each step rounded
//  NaN      NaN gives NaN; -infinity gives NaN (infinity times 0)
//  Source   docs/numerics.md, section Elementwise; ONNX Gelu-20, approximate = none
//

/// <summary>X times the normal distribution function of x, by erfc.</summary>
public sealed class Gelu : Unary
{
    private Gelu()
        : base(nameof(Gelu), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static Gelu Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => (0.5f * x) * Functions.Erfc(x * BitConverter.UInt32BitsToSingle(0xBF3504F3));

    /// <inheritdoc/>
    public override double Map(double x) => (0.5d * x) * Functions.Erfc(x * BitConverter.UInt64BitsToDouble(0xBFE6A09E667F3BCD));
}
