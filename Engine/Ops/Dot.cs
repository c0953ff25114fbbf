using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Dot: rows of A times rows of B, plus C (MatMul, Gemm; B is transposed by a View where the model has [K,N])
//
//  Shapes   A [batch.., M, K], B [batch.., N, K], optional C [batch.., M, N], one type -> Y [batch.., M, N]
//  Reads    row m of A, row n of B, element (m, n) of C
//  Order    reals: the dot-product formula, k ascending in blocks of 256, from fl(beta * C) + 0; integers: any order, wrapping
//  Rounding one per fma; f16 and bf16 are widened, the total is rounded once to storage
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Dot products; ONNX MatMul-13, Gemm-13
//

/// <summary>Rows of A times rows of B, plus C: <c>alpha·A·Bᵀ + beta·C</c>. Integers take alpha = beta = 1 only.</summary>
/// <param name="alpha">Factor of the product.</param>
/// <param name="beta">Factor of C.</param>
public sealed class Dot(float alpha, float beta) : Op("Dot", 1, OpAttribute.Of("alpha", alpha), OpAttribute.Of("beta", beta))
{
    /// <summary>The plain product.</summary>
    public static Dot Plain { get; } = new(1f, 1f);

    /// <summary>Factor of the product.</summary>
    public float Alpha { get; } = alpha;

    /// <summary>Factor of C.</summary>
    public float Beta { get; } = beta;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length is 2 or 3, "takes A, B and optionally C", inputs);
        DType type = inputs[0].DType;
        Require(type.IsReal() || (type.IsInteger() && Alpha == 1 && Beta == 1), "reals, or integers with alpha = beta = 1", inputs);
        Shape shape = DotShape.Infer(inputs[0].Shape, inputs[1].Shape)
            ?? throw Refuse("A [batch.., M, K] and B [batch.., N, K] with equal batch and K", inputs);
        Require(inputs[1].DType == type, "one element type", inputs);
        TensorType result = new(type, shape);
        Require(inputs.Length == 2 || inputs[2] == result, $"C is {result}", inputs);
        return [result];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        DType type = y.Type;
        if (type.IsSingle())
        {
            Evaluate(x, start, y, Alpha, Beta);
        }
        else if (type == DType.F64)
        {
            Evaluate<double>(x, start, y, Alpha, Beta);
        }
        else
        {
            EvaluateInteger(x, start, y);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        DotShape.ReadRows(reads, 0, 1);
        if (reads.Inputs == 3)
        {
            reads.Add(2, reads.Box);
        }
    }

    private static void Evaluate<T>(ElementReader x, long start, ElementWriter y, T alpha, T beta)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        DotShape shape = new(x.Type(0).Shape, x.Type(1).Shape);
        Span<T> blockA = stackalloc T[Dots.Block];
        Span<T> blockB = stackalloc T[Dots.Block];
        for (int i = 0; i < y.Count; i++)
        {
            (long rowA, long rowB) = shape.Rows(start + i);
            T total = x.Slots == 3 ? Dots.Start(beta, x.Load<T>(2, start + i)) : T.Zero;
            for (long k = 0; k < shape.K; k += Dots.Block)
            {
                int count = (int)Math.Min(Dots.Block, shape.K - k);
                x.Load(0, (rowA * shape.K) + k, blockA[..count]);
                x.Load(1, (rowB * shape.K) + k, blockB[..count]);
                total = Dots.Add<T>(total, alpha, blockA[..count], blockB[..count]);
            }

            y.Store(i, total);
        }
    }

    private static void EvaluateInteger(ElementReader x, long start, ElementWriter y)
    {
        DotShape shape = new(x.Type(0).Shape, x.Type(1).Shape);
        for (int i = 0; i < y.Count; i++)
        {
            (long rowA, long rowB) = shape.Rows(start + i);
            long total = shape.Sum(x, 0, rowA, 0, 1, rowB, 0);
            y.Set(i, x.Slots == 3 ? unchecked(total + x.Load<long>(2, start + i)) : total);
        }
    }
}
