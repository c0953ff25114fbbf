using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Softmax: exp of each element of a row over the sum of all; or the logarithm of that
//
//  Shapes   X [.., n], real -> Y of the same type and shape (another axis is moved last by a View);
//           auxiliary: maximum [.., 1] and denominator [.., 1], f32 (f64 for f64)
//  Reads    maximum: the row; denominator: the row and the maximum; Y: the element, maximum and denominator
//  Order    m = max of the row; s = the 32-lane fold of exp(x - m); y = exp(x - m) / s, or y = (x - m) - log(s)
//  Rounding one per step, in f32 (f64); the result is rounded once to storage
//  NaN      a NaN or +infinity in a row makes the row NaN; a row of -infinity is NaN
//  Source   docs/numerics.md, section Folds; ONNX Softmax-13, LogSoftmax-13
//

/// <summary>exp of each element of a row over the sum of all, or the logarithm of that; output 1 is the maximum of each row, output 2 the
/// denominator.</summary>
/// <param name="logarithm">LogSoftmax.</param>
public sealed class Softmax(bool logarithm) : Op("Softmax", 1, OpAttribute.Of("logarithm", logarithm))
{
    /// <summary>Output with the maximum of each row.</summary>
    public const int Maximum = 1;

    /// <summary>Output with the sum of each row's exponentials.</summary>
    public const int Denominator = 2;

    /// <summary>Whether the logarithm is taken.</summary>
    public bool Logarithm { get; } = logarithm;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 1 && inputs[0].DType.IsReal() && inputs[0].Shape.Rank >= 1, "takes a real X of rank 1 or more", inputs);
        DType statistic = inputs[0].DType == DType.F64 ? DType.F64 : DType.F32;
        TensorType statistics = new(statistic, inputs[0].Shape.With(inputs[0].Shape.Rank - 1, 1));
        return [inputs[0], statistics, statistics];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (y.Type == DType.F64)
        {
            Evaluate<double>(x, output, start, y);
        }
        else
        {
            Evaluate<float>(x, output, start, y);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        ImmutableArray<long> statistic = reads.Box.SetItem(reads.Box.Length - 1, 1);
        reads.Add(0, reads.Output == 0 ? reads.Box : reads.Box.SetItem(reads.Box.Length - 1, reads.Shape(0)[^1]));
        if (reads.Output != Maximum)
        {
            reads.Add(reads.Inputs + Maximum, statistic);
        }

        if (reads.Output == 0)
        {
            reads.Add(reads.Inputs + Denominator, statistic);
        }
    }

    private void Evaluate<T>(ElementReader x, int output, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long n = x.Type(0).Shape[^1];
        if (output == 0)
        {
            Elements<T>(x, n, start, y);
            return;
        }

        for (int i = 0; i < y.Count; i++)
        {
            long row = start + i;
            y.Store(i, output == Maximum ? Extremes.Largest<T>(n, Row<T>(x, row, n)) : Folds.Sum<T>(n, Exponentials<T>(x, row, n)));
        }
    }

    private void Elements<T>(ElementReader x, long n, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long row = -1;
        T m = T.Zero;
        T s = T.Zero;
        for (int i = 0; i < y.Count; i++)
        {
            if ((start + i) / n != row)
            {
                row = (start + i) / n;
                m = x.Load<T>(x.Slots + Maximum, row);
                s = x.Load<T>(x.Slots + Denominator, row);
                s = Logarithm ? Functions.Of(Function.Log, s) : s;
            }

            T d = x.Load<T>(0, start + i) - m;
            y.Store(i, Logarithm ? d - s : Functions.Of(Function.Exp, d) / s);
        }
    }

    private static Terms<T> Row<T>(ElementReader x, long row, long n)
        where T : unmanaged => (from, terms) => x.Load(0, (row * n) + from, terms);

    private static Terms<T> Exponentials<T>(ElementReader x, long row, long n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T m = x.Load<T>(x.Slots + Maximum, row);
        return (from, terms) =>
        {
            x.Load(0, (row * n) + from, terms);
            for (int k = 0; k < terms.Length; k++)
            {
                terms[k] = Functions.Of(Function.Exp, terms[k] - m);
            }
        };
    }
}
