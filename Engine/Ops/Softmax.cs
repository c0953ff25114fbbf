using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Softmax: exp of each element of a row over the sum of all; or the logarithm of that
//
//  Shapes   X [.., n], real -> Y of the same type and shape (another axis is moved last by a View)
//  Reads    the n elements of the row
//  Order    m = max of the row; e = exp(x - m); s = the 32-lane fold of e; y = e / s, or y = (x - m) - log(s)
//  Rounding one per step, in f32 (f64); the result is rounded once to storage
//  NaN      a NaN or +infinity in a row makes the row NaN; a row of -infinity is NaN
//  Source   docs/numerics.md, section Folds; ONNX Softmax-13, LogSoftmax-13
//

/// <summary>exp of each element of a row over the sum of all; or the logarithm of that.</summary>
/// <param name="logarithm">LogSoftmax.</param>
public sealed class Softmax(bool logarithm) : Op("Softmax", 1, OpAttribute.Of("logarithm", logarithm))
{
    /// <summary>Whether the logarithm is taken.</summary>
    public bool Logarithm { get; } = logarithm;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 1 && inputs[0].DType.IsReal() && inputs[0].Shape.Rank >= 1, "takes a real X of rank 1 or more", inputs);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (y.Type == DType.F64)
        {
            Evaluate<double>(x, start, y);
        }
        else
        {
            Evaluate<float>(x, start, y);
        }
    }

    /// <inheritdoc/>
    public override long MaxReads(ReadOnlySpan<TensorType> inputs, int output) => (2 * inputs[0].Shape[^1]) + 1;

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long n = x.Type(0).Shape[^1];
        long row = -1;
        T largest = T.Zero;
        T sum = T.Zero;
        for (int i = 0; i < y.Count; i++)
        {
            if ((start + i) / n != row)
            {
                row = (start + i) / n;
                long first = row * n;
                T m = Extremes.Largest<T>(n, (from, terms) => x.Load(0, first + from, terms));
                sum = Folds.Sum<T>(n, (from, terms) =>
                {
                    x.Load(0, first + from, terms);
                    for (int k = 0; k < terms.Length; k++)
                    {
                        terms[k] = Functions.Of(Function.Exp, terms[k] - m);
                    }
                });
                largest = m;
            }

            T d = x.Load<T>(0, start + i) - largest;
            y.Store(i, Logarithm ? d - Functions.Of(Function.Log, sum) : Functions.Of(Function.Exp, d) / sum);
        }
    }
}
