namespace VerifiableCompute.Engine.Ops;

//
//  LeakyRelu: x where x is not negative, else alpha times x
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding one product
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX LeakyRelu-16
//

/// <summary>X where x is not negative, else alpha times x.</summary>
public sealed class LeakyRelu(float alpha) : Unary("LeakyRelu", ElementKinds.Real, OpAttribute.Of("alpha", alpha))
{
    /// <summary>The attribute alpha.</summary>
    public float Alpha { get; } = alpha;

    /// <inheritdoc/>
    public override float Map(float x) => x < 0 ? Alpha * x : x;

    /// <inheritdoc/>
    public override double Map(double x) => x < 0 ? Alpha * x : x;
}
