using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Cumulate: running sums or products along the first axis
//
//  Shapes   X [n, rest..], f32, f64 or integers -> Y like X (another axis is moved first by a View; f16 and bf16 are widened by a Cast before
//           and rounded by one after)
//  Reads    the element of X, and for all but the first along the axis the one of Y before it. A step is one place along the axis
//  Order    y[0] = x[0], y[i] = y[i - 1] + x[i], or times x[i]
//  Rounding one for each sum or product; integers wrap
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Running totals; ONNX CumSum-14, CumProd-26
//

/// <summary>Running sums or products along the first axis.</summary>
/// <param name="product">Products in place of sums.</param>
public sealed class Cumulate(bool product) : Op("Cumulate", 1, OpAttribute.Of("product", product))
{
    private const int Chunk = 256;

    /// <summary>Products are made.</summary>
    public bool Product { get; } = product;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 1 && (inputs[0].DType is DType.F32 or DType.F64 || inputs[0].DType.IsInteger()) && inputs[0].Shape.Rank >= 1,
            "takes X of rank 1 or more, f32, f64 or integers",
            inputs);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public override long StepElements(ReadOnlySpan<TensorType> inputs, int output) => inputs[0].Shape.Product(1, inputs[0].Shape.Rank);

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (y.Type == DType.F32)
        {
            Evaluate<float>(x, start, y);
        }
        else if (y.Type == DType.F64)
        {
            Evaluate<double>(x, start, y);
        }
        else
        {
            Evaluate<long>(x, start, y);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        reads.Add(0, reads.Box);
        if (reads.Shape(0)[0] > 1)
        {
            reads.Add(reads.Inputs, reads.Box);
        }
    }

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged, INumberBase<T>
    {
        long step = x.Type(0).Shape.Product(1, x.Type(0).Shape.Rank);
        Span<T> terms = stackalloc T[Chunk];
        Span<T> totals = stackalloc T[Chunk];
        for (int i = 0; i < y.Count;)
        {
            // No farther than the end of the step: what comes after it reads what is stored now.
            (long place, long within) = Math.DivRem(start + i, step);
            int count = (int)Math.Min(Math.Min(Chunk, step - within), y.Count - i);
            x.Load(0, start + i, terms[..count]);
            if (place > 0)
            {
                x.Load(x.Slots, start + i - step, totals[..count]);
            }

            for (int k = 0; k < count; k++)
            {
                y.Store(i + k, place == 0 ? terms[k] : unchecked(Product ? totals[k] * terms[k] : totals[k] + terms[k]));
            }

            i += count;
        }
    }
}
