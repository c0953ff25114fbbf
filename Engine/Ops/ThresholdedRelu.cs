namespace VerifiableCompute.Engine.Ops;

//
//  ThresholdedRelu: x where x is above alpha, else +0
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    none
//  Rounding exact
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX ThresholdedRelu-22
//

/// <summary>X where x is above alpha, else +0.</summary>
public sealed class ThresholdedRelu(float alpha) : Unary("ThresholdedRelu", ElementKinds.Real, OpAttribute.Of("alpha", alpha))
{
    /// <summary>The attribute alpha.</summary>
    public float Alpha { get; } = alpha;

    /// <inheritdoc/>
    public override float Map(float x) => x > Alpha || float.IsNaN(x) ? x : 0f;

    /// <inheritdoc/>
    public override double Map(double x) => x > Alpha || double.IsNaN(x) ? x : 0d;
}
