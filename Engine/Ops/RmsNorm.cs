namespace VerifiableCompute.Engine.Ops;

//
//  RmsNorm: each row over its root mean square
//
//  Shapes   as Norm; auxiliary: reciprocal root mean square
//  Reads    as Norm
//  Order    as Norm, without the mean
//  Rounding as Norm
//  NaN      as Norm
//  Source   docs/numerics.md, section Folds; ONNX RMSNormalization-23
//

/// <summary>Each row over its root mean square; output 1 is its reciprocal.</summary>
/// <param name="epsilon">Added to the mean square.</param>
public sealed class RmsNorm(float epsilon) : Norm("RmsNorm", epsilon, centred: false);
