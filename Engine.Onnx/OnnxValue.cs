using System.Collections.Immutable;
using System.Globalization;
using System.Linq;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>An extent that a model declares: a number, a symbol that stands for the same number wherever it occurs, or nothing.</summary>
/// <param name="Extent">The number, if it is one.</param>
/// <param name="Symbol">The symbol, if it is one.</param>
public readonly record struct OnnxDimension(long? Extent, string? Symbol)
{
    /// <summary>As written in messages: <c>3</c>, <c>batch</c> or <c>?</c>.</summary>
    public override string ToString() => Extent?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}

/// <summary>An input or output that a model declares.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DType">Its element type; <see cref="DType.None"/> where an output declares none.</param>
/// <param name="Dimensions">Its extents, outermost first; null when not even the rank is declared.</param>
public sealed record OnnxValue(string Name, DType DType, ImmutableArray<OnnxDimension>? Dimensions)
{
    /// <summary>The declared type as written in messages: <c>f32[batch,3]</c>.</summary>
    public string TypeText => (DType == DType.None ? "?" : DType.Name())
        + (Dimensions is ImmutableArray<OnnxDimension> dimensions ? $"[{string.Join(',', dimensions.Select(d => d.ToString()))}]" : "[..]");

    /// <summary>As written in messages: <c>x: f32[batch,3]</c>.</summary>
    public override string ToString() => $"{Name}: {TypeText}";
}
