using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Ops;

//
//  GeluTanh: the tanh approximation of Gelu
//
//  Shapes   as Unary
//  Reads    as Unary
//  Order    as Rounding
//  Rounding u = x * x; u = u * x; u = 0.044715 * u; u = x + u; u = [3F4C422A] * u; t = tanh(u); t = 1 + t; y = 0.5 * x; y * t; each step rounded
//  NaN      NaN gives NaN
//  Source   docs/numerics.md, section Elementwise; ONNX Gelu-20, approximate = tanh
//

/// <summary>The tanh approximation of Gelu.</summary>
public sealed class GeluTanh : Unary
{
    private GeluTanh()
        : base(nameof(GeluTanh), ElementKinds.Real)
    {
    }

    /// <summary>The op.</summary>
    public static GeluTanh Instance { get; } = new();

    /// <inheritdoc/>
    public override float Map(float x) => Compose.GeluTanh(x);

    /// <inheritdoc/>
    public override double Map(double x) => Compose.GeluTanh(x);
}
