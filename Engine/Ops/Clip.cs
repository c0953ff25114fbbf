using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Clip: x held between two bounds
//
//  Shapes   X any number type, low [] and high [] of the same type -> Y like X
//  Reads    the element and both bounds
//  Order    min(max(x, low), high): with low above high the result is high
//  Rounding exact; +0 is above -0
//  NaN      NaN wins, in x or a bound
//  Source   docs/numerics.md, section Order; ONNX Clip-13
//

/// <summary>x held between two bounds.</summary>
public sealed class Clip : Op
{
    private Clip()
        : base(nameof(Clip), 1)
    {
    }

    /// <summary>The op.</summary>
    public static Clip Instance { get; } = new();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 3 && inputs[0].DType != DType.Bool, "takes X, low and high", inputs);
        TensorType bound = new(inputs[0].DType, Shape.Scalar);
        Require(inputs[1] == bound && inputs[2] == bound, $"the bounds are {bound}", inputs);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        for (int i = 0; i < y.Count; i++)
        {
            if (y.Type.IsSingle())
            {
                y.Set(i, Held<float>(x, start + i));
            }
            else if (y.Type == DType.F64)
            {
                y.Set(i, Held<double>(x, start + i));
            }
            else
            {
                long raised = Max.Instance.Map(x.Load<long>(0, start + i), x.Load<long>(1, 0), y.Type);
                y.Set(i, Min.Instance.Map(raised, x.Load<long>(2, 0), y.Type));
            }
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        reads.Add(0, reads.Box);
        reads.Add(1);
        reads.Add(2);
    }

    // T.Max and T.Min are IEEE 754-2019 maximum and minimum; their NaN is made canonical when it is stored.
    private static T Held<T>(ElementReader x, long index)
        where T : unmanaged, IFloatingPointIeee754<T>
        => T.Min(T.Max(x.Load<T>(0, index), x.Load<T>(1, 0)), x.Load<T>(2, 0));
}
