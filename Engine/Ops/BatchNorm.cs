using System;
using System.Collections.Immutable;
using System.Linq;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  BatchNorm: each channel scaled and shifted by given statistics
//
//  Shapes   X [N, C, ..] real, gamma, beta, mean, variance [C] of the same type -> Y like X
//  Reads    the element, and its channel's four statistics
//  Order    k = gamma * (1 / sqrt(variance + eps)); t = beta - mean * k; y = x * k + t
//  Rounding one per step, in f32 (f64), never fused; the result is rounded once to storage
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Folds; ONNX BatchNormalization-15, training_mode = 0
//

/// <summary>Each channel scaled and shifted by given statistics.</summary>
/// <param name="epsilon">Added to the variance.</param>
public sealed class BatchNorm(float epsilon) : Op("BatchNorm", 1, OpAttribute.Of("epsilon", epsilon))
{
    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 5 && inputs[0].DType.IsReal() && inputs[0].Shape.Rank >= 2,
            "takes a real X [N, C, ..], gamma, beta, mean and variance",
            inputs);
        TensorType channel = new(inputs[0].DType, new Shape(inputs[0].Shape[1]));
        Require(inputs[1..].ToArray().All(input => input == channel), $"the statistics are {channel}", inputs);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (y.Type == DType.F64)
        {
            Evaluate<double>(x, start, y, Epsilon);
        }
        else
        {
            Evaluate<float>(x, start, y, Epsilon);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        reads.Add(0, reads.Box);
        for (int slot = 1; slot < reads.Inputs; slot++)
        {
            reads.Add(slot, reads.Box[1]);
        }
    }

    private static void Evaluate<T>(ElementReader x, long start, ElementWriter y, T epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape shape = x.Type(0).Shape;
        long plane = shape.Product(2, shape.Rank);
        for (int i = 0; i < y.Count; i++)
        {
            long channel = (start + i) / plane % shape[1];
            T k = x.Load<T>(1, channel) * (T.One / T.Sqrt(x.Load<T>(4, channel) + epsilon));
            T t = x.Load<T>(2, channel) - (x.Load<T>(3, channel) * k);
            y.Store(i, (x.Load<T>(0, start + i) * k) + t);
        }
    }
}
