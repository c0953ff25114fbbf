namespace VerifiableCompute.Engine.Ops;

//
//  LayerNorm: each row less its mean, over its standard deviation
//
//  Shapes   as Norm; auxiliary: mean and reciprocal deviation
//  Reads    as Norm
//  Order    as Norm, with the mean
//  Rounding as Norm
//  NaN      as Norm
//  Source   docs/numerics.md, section Folds; ONNX LayerNormalization-17
//

/// <summary>Each row less its mean, over its standard deviation; output 1 is the mean, output 2 the reciprocal deviation.</summary>
/// <param name="epsilon">Added to the variance.</param>
public sealed class LayerNorm(float epsilon) : Norm("LayerNorm", epsilon, centred: true);
