using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  GlobalAveragePool: the mean of each channel
//
//  Shapes   X [N, C, n] (spatial axes flattened by a View), real types -> Y [N, C]
//  Reads    the n elements of the channel
//  Order    4 lanes over the first 4 * floor(n / 4) elements, lane l takes l, l + 4, .. from +0; (l0 + l2) + (l1 + l3); the remaining
//           elements in turn; one division by n. Not the 32-lane fold
//  Rounding one per sum, one division
//  NaN      IEEE 754; n = 0 gives 0 / 0, NaN
//  Source   docs/numerics.md, section Windows; ONNX GlobalAveragePool-22
//

/// <summary>The mean of each channel.</summary>
public sealed class GlobalAveragePool : Op
{
    private const int Lanes = 4;

    private GlobalAveragePool()
        : base(nameof(GlobalAveragePool), 1)
    {
    }

    /// <summary>The op.</summary>
    public static GlobalAveragePool Instance { get; } = new();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 1 && inputs[0].DType.IsReal() && inputs[0].Shape.Rank == 3, "takes a real X [N, C, n]", inputs);
        return [new TensorType(inputs[0].DType, new Shape(inputs[0].Shape.Extents[..2]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        for (int i = 0; i < y.Count; i++)
        {
            if (y.Type == DType.F64)
            {
                y.Set(i, Mean<double>(x, start + i));
            }
            else
            {
                y.Set(i, Mean<float>(x, start + i));
            }
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.Add(0, [.. reads.Box, reads.Shape(0)[2]]);

    private static T Mean<T>(ElementReader x, long channel)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long n = x.Type(0).Shape[2];
        long inLanes = n / Lanes * Lanes;
        Span<T> lanes = stackalloc T[Lanes];
        lanes.Clear();
        for (long i = 0; i < inLanes; i++)
        {
            lanes[(int)(i % Lanes)] += x.Load<T>(0, (channel * n) + i);
        }

        T sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
        for (long i = inLanes; i < n; i++)
        {
            sum += x.Load<T>(0, (channel * n) + i);
        }

        return sum / T.CreateChecked(n);
    }
}
