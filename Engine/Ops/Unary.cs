using System;
using System.Collections.Immutable;
using System.Diagnostics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Unary: the family y[i] = f(x[i])
//
//  Shapes   X any -> Y of the same type and shape
//  Reads    the element at the same index
//  Order    none
//  Rounding as f says; f16 and bf16 are widened to f32, f is evaluated in f32, the result is rounded once to storage
//  NaN      as f says; stored as the canonical NaN
//  Source   docs/numerics.md, section Elementwise
//

/// <summary>The family y[i] = f(x[i]). A member states f for f32, f64 and integers, as far as it takes them.</summary>
public abstract class Unary : Op
{
    private const int Block = 256;
    private readonly ElementKinds _kinds;

    private protected Unary(string name, ElementKinds kinds, params ImmutableArray<OpAttribute> attributes)
        : base(name, 1, attributes) => _kinds = kinds;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1 && _kinds.Has(inputs[0].DType), $"takes one input ({_kinds})", inputs);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        DType type = x.Type(0).DType;
        if (type.IsSingle())
        {
            Evaluate<float>(x, start, y, Map);
        }
        else if (type == DType.F64)
        {
            Evaluate<double>(x, start, y, Map);
        }
        else
        {
            Evaluate<long>(x, start, y, value => Map(value, type));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.SameOfAll();

    /// <summary>f in f32.</summary>
    public virtual float Map(float x) => throw new UnreachableException(Name);

    /// <summary>f in f64.</summary>
    public virtual double Map(double x) => throw new UnreachableException(Name);

    /// <summary>f on an integer or bool; the result wraps when it is stored.</summary>
    public virtual long Map(long x, DType type) => throw new UnreachableException(Name);

    private static void Evaluate<T>(ElementReader x, long start, ElementWriter y, Func<T, T> map)
        where T : unmanaged
    {
        Span<T> block = stackalloc T[Block];
        for (int done = 0; done < y.Count; done += Block)
        {
            Span<T> part = block[..Math.Min(Block, y.Count - done)];
            x.Load(0, start + done, part);
            for (int i = 0; i < part.Length; i++)
            {
                y.Store(done + i, map(part[i]));
            }
        }
    }
}
