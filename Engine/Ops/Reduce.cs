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
//  Shapes   X [outer.., inner..] -> Y [outer..]; Max and Min take every type, the others reals and integers, L2 and the logarithms reals;
//           auxiliary, f32 for f32, f16 and bf16, f64 for f64, i64 for integers and bool: LogSumExp has the maximum [outer..], and before
//           it, where there are more than 4,096 terms, the maxima of blocks; then every kind has the results of blocks, level by level
//           [outer.., blocks], until a level has at most 4,096
//  Reads    a block: its 4,096 elements of X or of the level below; Y: the last level, or all terms where there is none;
//           LogSumExp: the maximum too, where it reads terms of X and in Y
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
    public Reduction Kind { get; } = Enum.IsDefined(kind) ? kind : throw Error.AttributeUnknown("kind", (long)kind);

    /// <summary>How many axes are reduced, the last ones.</summary>
    public int Axes { get; } = (int)OpAttribute.Held("axes", axes, 0, Limits.Rank);

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1 && inputs[0].Shape.Rank >= Axes, $"takes one input of rank {Axes} or more", inputs);
        ElementKinds kinds = Kind switch
        {
            Reduction.Max or Reduction.Min => ElementKinds.Any,
            Reduction.L2 or Reduction.LogSum or Reduction.LogSumExp => ElementKinds.Real,
            _ => ElementKinds.Number,
        };
        Require(kinds.Has(inputs[0].DType), $"{Kind} takes {kinds}", inputs);
        ReadOnlySpan<long> outer = inputs[0].Shape.Extents[..^Axes];
        TensorType y = new(inputs[0].DType, new Shape(outer));
        TensorType total = y with { DType = Accumulator(y.DType) };
        ImmutableArray<TensorType>.Builder outputs = ImmutableArray.CreateBuilder<TensorType>();
        outputs.Add(y);
        ImmutableArray<long> levels = BlockLevels.Of(Terms(inputs[0].Shape));
        for (int chain = HasMaximum ? 0 : 1; chain < 2; chain++)
        {
            foreach (long blocks in levels)
            {
                outputs.Add(total with { Shape = new Shape([.. outer, blocks]) });
            }

            if (chain == 0)
            {
                outputs.Add(total);
            }
        }

        return outputs.ToImmutable();
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        DType type = x.Type(0).DType;
        Step step = StepOf(output, Terms(x.Type(0).Shape));
        for (int i = 0; i < y.Count; i++)
        {
            if (type.IsSingle())
            {
                y.Set(i, Real<float>(x, step, start + i));
            }
            else if (type == DType.F64)
            {
                y.Set(i, Real<double>(x, step, start + i));
            }
            else
            {
                y.Set(i, Integer(x, step, start + i, type));
            }
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        Step step = StepOf(reads.Output, Terms(reads.Shape(0)));
        ImmutableArray<long> outer = reads.Box[..(reads.Shape(0).Rank - Axes)];
        reads.Add(step.Terms.Slot, step.Terms.Footprint(reads, outer));
        if (step.Kind == Reduction.LogSumExp && (step.Terms.Slot == 0 || step.IsY))
        {
            reads.Add(step.MaximumSlot, outer);
        }
    }

    private bool HasMaximum => Kind == Reduction.LogSumExp;

    private static DType Accumulator(DType type)
        => type == DType.F64 ? DType.F64 : type.IsReal() ? DType.F32 : DType.I64;

    private long Terms(Shape shape) => shape.Product(shape.Rank - Axes, shape.Rank);

    // Slot 0 is X, slot 1 + o is output o. What an output is made of, and whether it is one of the maxima that LogSumExp finds first.
    private Step StepOf(int output, long n)
    {
        int levels = BlockLevels.Of(n).Length;
        int maximum = HasMaximum ? 1 + levels : 0;
        bool isMaximum = output >= 1 && output <= maximum;
        int level = output == 0 ? levels : output - 1 - (isMaximum ? 0 : maximum);
        int below = 1 + (output == 0 ? maximum + levels : output - 1);
        return new(BlockStep.Of(n, level, below), isMaximum ? Reduction.Max : Kind, n, MaximumSlot: 1 + maximum, IsY: output == 0);
    }

    private static T Real<T>(ElementReader x, Step step, long result)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (long row, long first, int count) = step.Terms.Block(result);
        T m = step.Kind == Reduction.LogSumExp ? x.Load<T>(step.MaximumSlot, row) : T.Zero;
        void Terms(long from, Span<T> terms) => x.Load(step.Terms.Slot, first + from, terms);
        void Mapped(long from, Span<T> terms)
        {
            Terms(from, terms);
            for (int i = 0; i < terms.Length; i++)
            {
                terms[i] = Term(step.Kind, terms[i], m);
            }
        }

        T value = step.Kind switch
        {
            Reduction.Prod => Folds.Product<T>(count, Terms),
            Reduction.Max => Extremes.Largest<T>(count, Terms),
            Reduction.Min => Extremes.Smallest<T>(count, Terms),
            _ => Folds.Sum<T>(count, step.Terms.Slot == 0 ? Mapped : Terms),
        };
        return step.IsY ? Finish(step, value, m) : value;
    }

    // What is folded in place of an element.
    private static T Term<T>(Reduction kind, T x, T m)
        where T : unmanaged, IFloatingPointIeee754<T> => kind switch
        {
            Reduction.L1 => T.Abs(x),
            Reduction.L2 or Reduction.SumSquare => x * x,
            Reduction.LogSumExp => Functions.Of(Function.Exp, x - m),
            _ => x,
        };

    private static T Finish<T>(Step step, T value, T m)
        where T : unmanaged, IFloatingPointIeee754<T> => step.Kind switch
        {
            Reduction.Mean => value / T.CreateChecked(step.N),
            Reduction.L2 => T.Sqrt(value),
            Reduction.LogSum => Functions.Of(Function.Log, value),
            Reduction.LogSumExp => T.IsFinite(m) ? m + Functions.Of(Function.Log, value) : m,
            _ => value,
        };

    private static long Integer(ElementReader x, Step step, long result, DType type)
    {
        (long low, long high) = type == DType.Bool ? (0, 1) : type.IntegerRange();
        (_, long first, int count) = step.Terms.Block(result);
        bool isElement = step.Terms.Slot == 0;
        long total = step.Kind switch
        {
            Reduction.Prod => 1,
            Reduction.Max => low,
            Reduction.Min => high,
            _ => 0,
        };
        for (int i = 0; i < count; i++)
        {
            long value = x.Load<long>(step.Terms.Slot, first + i);
            total = unchecked(step.Kind switch
            {
                Reduction.Prod => total * value,
                Reduction.Max => Integers.Compare(value, total, type) > 0 ? value : total,
                Reduction.Min => Integers.Compare(value, total, type) < 0 ? value : total,
                Reduction.SumSquare when isElement => total + (value * value),
                Reduction.L1 when isElement => total + (type == DType.U64 || value >= 0 ? value : -value),
                _ => total + value,
            });
        }

        return step.IsY && step.Kind == Reduction.Mean ? Integers.Divide(total, step.N, type) : total;
    }

    // Terms: what one result reads. Kind: Max for the maxima of LogSumExp. N: terms of a row.
    private readonly record struct Step(BlockStep Terms, Reduction Kind, long N, int MaximumSlot, bool IsY);
}
