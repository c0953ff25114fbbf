using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Makes scalar literals.</summary>
internal static class Scalars
{
    /// <summary>The value as an element of a type, by the rules of Cast.</summary>
    internal static Tensor Of(DType type, double value)
        => ReferenceBackend.Evaluate(new Cast(type), Tensor.Of<double>(DType.F64, Shape.Scalar, value))[0];

    /// <summary>The low bits of an integer as an element of a type.</summary>
    internal static Tensor Of(DType type, long value)
        => ReferenceBackend.Evaluate(new Cast(type), Tensor.Of(DType.I64, Shape.Scalar, value))[0];

    /// <summary>An i64 vector.</summary>
    internal static Tensor Vector(params ReadOnlySpan<long> elements) => Tensor.Of(DType.I64, new Shape(elements.Length), elements);
}
