using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Norm: the family that brings each row to unit size, with and without its mean (LayerNorm, RmsNorm)
//
//  Shapes   X [.., n] real, gamma [n], optional beta [n] of the same type -> Y like X; mean [.., 1] and deviation [.., 1], f32 (f64 for f64)
//  Reads    the n elements of the row, one of gamma and beta
//  Order    mean = Fold(x) / n (RmsNorm: none); d = x - mean; v = Fold(d * d) / n; q = sqrt(v + eps); r = 1 / q;
//           y = (d * r) * gamma + beta (no beta: no sum). Fold is the 32-lane fold
//  Rounding one per step, in f32 (f64); the result is rounded once to storage
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Folds; ONNX LayerNormalization-17, RMSNormalization-23
//

/// <summary>The family that brings each row to unit size.</summary>
public abstract class Norm : Op
{
    private readonly bool _centred;

    private protected Norm(string name, float epsilon, bool centred)
        : base(name, 1, OpAttribute.Of("epsilon", epsilon))
    {
        Epsilon = epsilon;
        _centred = centred;
    }

    /// <summary>Added to the mean square.</summary>
    public float Epsilon { get; }

    private int Statistics => _centred ? 2 : 1;

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
    public override long MaxReads(ReadOnlySpan<TensorType> inputs, int output) => (2 * inputs[0].Shape[^1]) + 3;

    private void Evaluate<T>(ElementReader x, int output, long start, ElementWriter y, T epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long n = x.Type(0).Shape[^1];
        long row = -1;
        T mean = T.Zero;
        T deviation = T.Zero;
        for (int i = 0; i < y.Count; i++)
        {
            long index = start + i;
            long itsRow = output == 0 ? index / n : index;
            if (itsRow != row)
            {
                row = itsRow;
                (mean, deviation) = Statistic<T>(x, row * n, n, epsilon);
            }

            if (output > 0)
            {
                y.Store(i, output == Statistics ? deviation : mean);
                continue;
            }

            T value = x.Load<T>(0, index);
            T scaled = ((_centred ? value - mean : value) * deviation) * x.Load<T>(1, index % n);
            y.Store(i, x.Slots == 3 ? scaled + x.Load<T>(2, index % n) : scaled);
        }
    }

    private (T Mean, T Deviation) Statistic<T>(ElementReader x, long first, long n, T epsilon)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T count = T.CreateChecked(n);
        T mean = _centred ? Folds.Sum<T>(n, (from, terms) => x.Load(0, first + from, terms)) / count : T.Zero;
        T variance = Folds.Sum<T>(n, (from, terms) =>
        {
            x.Load(0, first + from, terms);
            for (int k = 0; k < terms.Length; k++)
            {
                T d = _centred ? terms[k] - mean : terms[k];
                terms[k] = d * d;
            }
        }) / count;
        return (mean, T.One / T.Sqrt(variance + epsilon));
    }
}
