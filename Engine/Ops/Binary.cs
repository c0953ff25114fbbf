using System;
using System.Collections.Immutable;
using System.Diagnostics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Binary: the family y[i] = f(a[i], b[i])
//
//  Shapes   A, B of one type and shape -> Y of the same type and shape (broadcasting is a View before it)
//  Reads    the elements at the same index
//  Order    none
//  Rounding as f says; f16 and bf16 are widened to f32, f is evaluated in f32, the result is rounded once to storage
//  NaN      as f says; stored as the canonical NaN
//  Source   docs/numerics.md, section Elementwise
//

/// <summary>The family y[i] = f(a[i], b[i]) on operands of one type and shape. A member states f for f32, f64 and integers.</summary>
public abstract class Binary : Op
{
    private const int Block = 256;
    private readonly ElementKinds _kinds;

    private protected Binary(string name, ElementKinds kinds, params ImmutableArray<OpAttribute> attributes)
        : base(name, 1, attributes) => _kinds = kinds;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 2 && inputs[0] == inputs[1] && _kinds.Has(inputs[0].DType),
            $"takes two inputs of one type and shape ({_kinds})",
            inputs);
        return [new TensorType(ResultType(inputs[0].DType), inputs[0].Shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        DType type = x.Type(0).DType;
        if (type.IsSingle())
        {
            Evaluate<float>(x, start, y);
        }
        else if (type == DType.F64)
        {
            Evaluate<double>(x, start, y);
        }
        else
        {
            Evaluate<long>(x, start, y);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.SameOfAll();

    private protected virtual DType ResultType(DType type) => type;

    private protected abstract void Store<T>(ElementWriter y, int index, T a, T b, DType type)
        where T : unmanaged;

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged
    {
        DType type = x.Type(0).DType;
        Span<T> blockA = stackalloc T[Block];
        Span<T> blockB = stackalloc T[Block];
        for (int done = 0; done < y.Count; done += Block)
        {
            int count = Math.Min(Block, y.Count - done);
            x.Load(0, start + done, blockA[..count]);
            x.Load(1, start + done, blockB[..count]);
            for (int i = 0; i < count; i++)
            {
                Store(y, done + i, blockA[i], blockB[i], type);
            }
        }
    }
}

/// <summary>The members of <see cref="Binary"/> whose result has the operands' type.</summary>
public abstract class Arithmetic : Binary
{
    private protected Arithmetic(string name, ElementKinds kinds, params ImmutableArray<OpAttribute> attributes)
        : base(name, kinds, attributes)
    {
    }

    /// <summary>f in f32.</summary>
    public virtual float Map(float a, float b) => throw new UnreachableException(Name);

    /// <summary>f in f64.</summary>
    public virtual double Map(double a, double b) => throw new UnreachableException(Name);

    /// <summary>f on integers or bools; the result wraps when it is stored.</summary>
    public virtual long Map(long a, long b, DType type) => throw new UnreachableException(Name);

    private protected sealed override void Store<T>(ElementWriter y, int index, T a, T b, DType type)
    {
        if (a is float && b is float)
        {
            y.Set(index, Map((float)(object)a, (float)(object)b));
        }
        else if (a is double && b is double)
        {
            y.Set(index, Map((double)(object)a, (double)(object)b));
        }
        else
        {
            y.Set(index, Map((long)(object)a, (long)(object)b, type));
        }
    }
}

/// <summary>The members of <see cref="Binary"/> whose result is a truth value.</summary>
public abstract class Comparison : Binary
{
    private protected Comparison(string name, ElementKinds kinds)
        : base(name, kinds)
    {
    }

    /// <summary>The IEEE 754 comparison of two reals (f32 widens to f64 exactly): false where one is NaN.</summary>
    public abstract bool Test(double a, double b);

    /// <summary>The comparison of two integers or bools of a type; u64 is compared without sign.</summary>
    public abstract bool Test(long a, long b, DType type);

    private protected sealed override DType ResultType(DType type) => DType.Bool;

    private protected sealed override void Store<T>(ElementWriter y, int index, T a, T b, DType type)
    {
        if (a is long && b is long)
        {
            y.Set(index, Test((long)(object)a, (long)(object)b, type));
        }
        else if (a is float && b is float)
        {
            y.Set(index, Test((double)(float)(object)a, (float)(object)b));
        }
        else
        {
            y.Set(index, Test((double)(object)a, (double)(object)b));
        }
    }

}
