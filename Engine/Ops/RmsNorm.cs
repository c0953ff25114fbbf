namespace VerifiableCompute.Engine.Ops;

//
//  RmsNorm: each row over its root mean square
//
//  Shapes   as Norm; outputs Y, reciprocal root mean square
//  Reads    as Norm
//  Order    as Norm, without the mean
//  Rounding as Norm
//  NaN      as Norm
//  Source   docs/numerics.md, section Folds; ONNX RMSNormalization-23
//

/// <summary>Each row over its root mean square; outputs Y and the reciprocal root mean square.</summary>
/// <param name="epsilon">Added to the mean square.</param>
public sealed class RmsNorm(float epsilon) : Norm("RmsNorm", epsilon, centred: false);
