using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>What a <see cref="Reduce"/> makes of its elements.</summary>
public enum Reduction
{
    /// <summary>Σ x.</summary>
    Sum = 1,

    /// <summary>Σ x / n.</summary>
    Mean = 2,

    /// <summary>Π x.</summary>
    Prod = 3,

    /// <summary>The largest.</summary>
    Max = 4,

    /// <summary>The smallest.</summary>
    Min = 5,

    /// <summary>Σ |x|.</summary>
    L1 = 6,

    /// <summary>√Σ x².</summary>
    L2 = 7,

    /// <summary>Σ x².</summary>
    SumSquare = 8,

    /// <summary>log Σ x.</summary>
    LogSum = 9,

    /// <summary>log Σ exp x.</summary>
    LogSumExp = 10,
}

//
//  Reduce: the last axes of X made one number each (other axes are moved there by a View)
//
//  Shapes   X [outer.., inner..] -> Y [outer..]; Max and Min take every type, the others reals and integers, L2 and the logarithms reals
//  Reads    the n inner elements
//  Order    reals: the 32-lane fold (Folds), inner axes flattened row-major; integers: any order, wrapping. Mean = Sum / n.
//           LogSumExp: m = max; m where it is infinite or NaN, else m + log(Sum(exp(x - m)))
//  Rounding one per step of the fold; x * x rounded before it is folded; one division, root or logarithm at the end; integer Mean truncates
//  NaN      IEEE 754; Max and Min: NaN wins, +0 above -0. None: Sum +0, Prod 1, Max -inf, Min +inf, Mean NaN, LogSum and LogSumExp -inf
//           (integers: Max the least, Min the largest, Mean 0)
//  Source   docs/numerics.md, section Folds; ONNX ReduceSum-13, ReduceMean-18, ReduceMax-20 ..
//

/// <summary>The last axes of X made one number each.</summary>
/// <param name="kind">What is made of them.</param>
/// <param name="axes">How many axes.</param>
public sealed class Reduce(Reduction kind, int axes)
    : Op("Reduce", 1, new OpAttribute("kind", (long)kind), new OpAttribute("axes", axes))
{
    /// <summary>What is made of the elements.</summary>
    public Reduction Kind { get; } = kind;

    /// <summary>How many axes are reduced, the last ones.</summary>
    public int Axes { get; } = axes;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1 && Axes >= 0 && inputs[0].Shape.Rank >= Axes, $"takes one input of rank {Axes} or more", inputs);
        ElementKinds kinds = Kind switch
        {
            Reduction.Max or Reduction.Min => ElementKinds.Any,
            Reduction.L2 or Reduction.LogSum or Reduction.LogSumExp => ElementKinds.Real,
            Reduction.Sum or Reduction.Mean or Reduction.Prod or Reduction.L1 or Reduction.SumSquare => ElementKinds.Number,
            _ => ElementKinds.None,
        };
        Require(kinds.Has(inputs[0].DType), $"{Kind} takes {kinds}", inputs);
        return [new TensorType(inputs[0].DType, new Shape(inputs[0].Shape.Extents[..^Axes]))];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        Shape shape = x.Type(0).Shape;
        long n = shape.Product(shape.Rank - Axes, shape.Rank);
        for (int i = 0; i < y.Count; i++)
        {
            long first = (start + i) * n;
            if (y.Type.IsSingle())
            {
                y.Set(i, Fold<float>(x, first, n));
            }
            else if (y.Type == DType.F64)
            {
                y.Set(i, Fold<double>(x, first, n));
            }
            else
            {
                y.Set(i, Integer(x, first, n, y.Type));
            }
        }
    }

    /// <inheritdoc/>
    public override long MaxReads(ReadOnlySpan<TensorType> inputs, int output)
    {
        Shape shape = inputs[0].Shape;
        return shape.Product(shape.Rank - Axes, shape.Rank) * (Kind == Reduction.LogSumExp ? 2 : 1);
    }

    private T Fold<T>(ElementReader x, long first, long n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        void Terms(long start, Span<T> terms) => x.Load(0, first + start, terms);
        void Mapped(long start, Span<T> terms, Func<T, T> map)
        {
            Terms(start, terms);
            for (int i = 0; i < terms.Length; i++)
            {
                terms[i] = map(terms[i]);
            }
        }

        T Squares() => Folds.Sum<T>(n, (start, terms) => Mapped(start, terms, value => value * value));
        return Kind switch
        {
            Reduction.Sum => Folds.Sum<T>(n, Terms),
            Reduction.Mean => Folds.Sum<T>(n, Terms) / T.CreateChecked(n),
            Reduction.Prod => Folds.Product<T>(n, Terms),
            Reduction.Max => Extremes.Largest<T>(n, Terms),
            Reduction.Min => Extremes.Smallest<T>(n, Terms),
            Reduction.L1 => Folds.Sum<T>(n, (start, terms) => Mapped(start, terms, T.Abs)),
            Reduction.L2 => T.Sqrt(Squares()),
            Reduction.SumSquare => Squares(),
            Reduction.LogSum => Functions.Of(Function.Log, Folds.Sum<T>(n, Terms)),
            _ => LogSumExp<T>(n, Terms, Mapped),
        };
    }

    private static T LogSumExp<T>(long n, Terms<T> terms, Action<long, Span<T>, Func<T, T>> mapped)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T largest = Extremes.Largest<T>(n, terms);
        if (!T.IsFinite(largest))
        {
            return largest;
        }

        T sum = Folds.Sum<T>(
            n, (start, part) => mapped(start, part, value => Functions.Of(Function.Exp, value - largest)));
        return largest + Functions.Of(Function.Log, sum);
    }

    private long Integer(ElementReader x, long first, long n, DType type)
    {
        (long low, long high) = type == DType.Bool ? (0, 1) : type.IntegerRange();
        long total = Kind switch
        {
            Reduction.Prod => 1,
            Reduction.Max => low,
            Reduction.Min => high,
            _ => 0,
        };
        for (long i = 0; i < n; i++)
        {
            long value = x.Load<long>(0, first + i);
            total = unchecked(Kind switch
            {
                Reduction.Prod => total * value,
                Reduction.Max => Integers.Compare(value, total, type) > 0 ? value : total,
                Reduction.Min => Integers.Compare(value, total, type) < 0 ? value : total,
                Reduction.SumSquare => total + (value * value),
                Reduction.L1 => total + (type == DType.U64 || value >= 0 ? value : -value),
                _ => total + value,
            });
        }

        return Kind == Reduction.Mean ? Integers.Divide(total, n, type) : total;
    }
}
