using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Mod: the remainder of a / b, with the sign of b, or (truncated) with the sign of a
//
//  Shapes   as Binary
//  Reads    as Binary
//  Order    none
//  Rounding exact; x mod 0 = 0 and least mod -1 = 0 for integers
//  NaN      reals: infinite a, or b = 0, gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Mod-13 (fmod = 1 is truncated)
//

/// <summary>The remainder of a / b, with the sign of b, or (truncated) with the sign of a. Reals are always truncated.</summary>
/// <param name="truncated">ONNX's fmod = 1.</param>
public sealed class Mod(bool truncated) : Arithmetic("Mod", ElementKinds.Number, OpAttribute.Of("truncated", truncated))
{
    /// <summary>The remainder has the sign of a.</summary>
    public bool Truncated { get; } = truncated;

    /// <inheritdoc/>
    public override float Map(float a, float b) => a % b;

    /// <inheritdoc/>
    public override double Map(double a, double b) => a % b;

    /// <inheritdoc/>
    public override long Map(long a, long b, DType type)
    {
        long remainder = Integers.Remainder(a, b, type);
        bool otherSign = type != DType.U64 && remainder != 0 && ((remainder < 0) != (b < 0));
        return otherSign && !Truncated ? remainder + b : remainder;
    }
}
