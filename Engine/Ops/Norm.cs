using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Norm: the family that brings each row to unit size, with and without its mean (LayerNorm, RmsNorm)
//
//  Shapes   X [.., n] real, gamma [n], optional beta [n] of the same type -> Y like X; auxiliary: mean [.., 1] (RmsNorm: none) and
//           reciprocal deviation [.., 1], f32 (f64 for f64)
//  Reads    mean: the row; reciprocal deviation: the row and its mean; Y: the element, mean, reciprocal deviation, one of gamma and beta
//  Order    mean = Fold(x) / n (RmsNorm: none); d = x - mean; v = Fold(d * d) / n; q = sqrt(v + eps); r = 1 / q;
//           y = (d * r) * gamma + beta (no beta: no sum). Fold is the 32-lane fold
//  Rounding one per step, in f32 (f64); the result is rounded once to storage
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Folds; ONNX LayerNormalization-17, RMSNormalization-23
//

/// <summary>The family that brings each row to unit size.</summary>
public abstract class Norm : Op
{
    // Output with the mean of each row, where there is one.
    private const int Mean = 1;

    private readonly bool _centred;

    private protected Norm(string name, float epsilon, bool centred)
        : base(name, 1, OpAttribute.Of("epsilon", epsilon))
    {
        Epsilon = epsilon;
        _centred = centred;
    }

    /// <summary>Added to the mean square.</summary>
    public float Epsilon { get; }

    /// <summary>Output with one over the root of the mean square and epsilon.</summary>
    public int ReciprocalDeviation => _centred ? 2 : 1;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length is 2 or 3 && inputs[0].DType.IsReal() && inputs[0].Shape.Rank >= 1, "takes real X, gamma and optionally beta", inputs);
        TensorType row = new(inputs[0].DType, new Shape(inputs[0].Shape[^1]));
        Require(inputs[1] == row && (inputs.Length == 2 || inputs[2] == row), $"gamma and beta are {row}", inputs);
        DType statistic = inputs[0].DType == DType.F64 ? DType.F64 : DType.F32;
        TensorType statistics = new(statistic, inputs[0].Shape.With(inputs[0].Shape.Rank - 1, 1));
        return _centred ? [inputs[0], statistics, statistics] : [inputs[0], statistics];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Type(0).DType == DType.F64)
        {
            Evaluate<double>(x, output, start, y, Epsilon);
        }
        else
        {
            Evaluate<float>(x, output, start, y, Epsilon);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        ImmutableArray<long> row = reads.Box.SetItem(reads.Box.Length - 1, reads.Output == 0 ? reads.Box[^1] : reads.Shape(0)[^1]);
        ImmutableArray<long> statistic = reads.Box.SetItem(reads.Box.Length - 1, 1);
        reads.Add(0, row);
        if (_centred && reads.Output != Mean)
        {
            reads.Add(reads.Inputs + Mean, statistic);
        }

        if (reads.Output == 0)
        {
            reads.Add(reads.Inputs + ReciprocalDeviation, statistic);
            for (int slot = 1; slot < reads.Inputs; slot++)
            {
                reads.Add(slot, reads.Box[^1]);
            }
        }
    }

    private void Evaluate<T>(ElementReader x, int output, long start, ElementWriter y, T epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long n = x.Type(0).Shape[^1];
        for (int i = 0; i < y.Count; i++)
        {
            y.Store(i, output switch
            {
                0 => Element<T>(x, start + i, n),
                _ when output == ReciprocalDeviation => OverDeviation(x, start + i, n, epsilon),
                _ => Folds.Sum<T>(n, Row<T>(x, start + i, n)) / T.CreateChecked(n),
            });
        }
    }

    private T Element<T>(ElementReader x, long index, long n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (long row, long column) = Math.DivRem(index, n);
        T value = x.Load<T>(0, index);
        T d = _centred ? value - x.Load<T>(x.Slots + Mean, row) : value;
        T scaled = (d * x.Load<T>(x.Slots + ReciprocalDeviation, row)) * x.Load<T>(1, column);
        return x.Slots == 3 ? scaled + x.Load<T>(2, column) : scaled;
    }

    private T OverDeviation<T>(ElementReader x, long row, long n, T epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T mean = _centred ? x.Load<T>(x.Slots + Mean, row) : T.Zero;
        Terms<T> values = Row<T>(x, row, n);
        T variance = Folds.Sum<T>(n, (from, terms) =>
        {
            values(from, terms);
            for (int k = 0; k < terms.Length; k++)
            {
                T d = _centred ? terms[k] - mean : terms[k];
                terms[k] = d * d;
            }
        }) / T.CreateChecked(n);
        return T.One / T.Sqrt(variance + epsilon);
    }

    private static Terms<T> Row<T>(ElementReader x, long row, long n)
        where T : unmanaged => (from, terms) => x.Load(0, (row * n) + from, terms);
}
