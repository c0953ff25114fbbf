using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Det: the determinant of each matrix
//
//  Shapes   X [batch.., n, n], real, n at most 128 (above, one element would be too much work to check) -> Y [batch..]
//  Reads    the matrix
//  Order    elimination, for k = 0, 1 ..: the pivot is the first of the largest |a[i,k]| over rows i from k on (NaN above everything). A pivot
//           of zero gives +0. Row k and the pivot's are exchanged; for rows i below: f = a[i,k] / a[k,k], and for columns j right of k:
//           a[i,j] = a[i,j] - f * a[k,j]. Then ((a[0,0] * a[1,1]) * a[2,2]) .., its sign turned for an odd number of exchanges; 1 where n = 0
//  Rounding one for each quotient, product and difference, in f32 (f64); the result is rounded once to storage
//  NaN      IEEE 754
//  Source   docs/numerics.md, section Determinants; ONNX Det-22
//

/// <summary>The determinant of each matrix.</summary>
public sealed class Det : Op
{
    private const int MostRows = 128;

    private Det()
        : base(nameof(Det), 1)
    {
    }

    /// <summary>The op.</summary>
    public static Det Instance { get; } = new();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 1 && inputs[0].DType.IsReal() && inputs[0].Shape.Rank >= 2
                && inputs[0].Shape[^1] == inputs[0].Shape[^2] && inputs[0].Shape[^1] <= MostRows,
            $"takes real square matrices of at most {MostRows} rows",
            inputs);
        return [inputs[0] with { Shape = new Shape(inputs[0].Shape.Extents[..^2]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        int n = (int)x.Type(0).Shape[^1];
        for (int i = 0; i < y.Count; i++)
        {
            if (y.Type == DType.F64)
            {
                y.Set(i, Determinant<double>(x, start + i, n));
            }
            else
            {
                y.Set(i, Determinant<float>(x, start + i, n));
            }
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.Add(0, [.. reads.Box, reads.Shape(0)[^2], reads.Shape(0)[^1]]);

    private static T Determinant<T>(ElementReader x, long matrix, int n)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] a = new T[n * n];
        x.Load<T>(0, matrix * a.Length, a);
        T product = T.One;
        bool turned = false;
        for (int k = 0; k < n; k++)
        {
            int pivot = Pivot<T>(a, k, n);
            if (a[(pivot * n) + k] == T.Zero)
            {
                return T.Zero;
            }

            if (pivot != k)
            {
                turned = !turned;
                for (int j = k; j < n; j++)
                {
                    (a[(k * n) + j], a[(pivot * n) + j]) = (a[(pivot * n) + j], a[(k * n) + j]);
                }
            }

            product = k == 0 ? a[0] : product * a[(k * n) + k];
            for (int i = k + 1; i < n; i++)
            {
                T f = a[(i * n) + k] / a[(k * n) + k];
                for (int j = k + 1; j < n; j++)
                {
                    T part = f * a[(k * n) + j];
                    a[(i * n) + j] -= part;
                }
            }
        }

        return turned ? -product : product;
    }

    private static int Pivot<T>(ReadOnlySpan<T> a, int k, int n)
        where T : IFloatingPointIeee754<T>
    {
        int pivot = k;
        for (int i = k + 1; i < n; i++)
        {
            T best = T.Abs(a[(pivot * n) + k]);
            T candidate = T.Abs(a[(i * n) + k]);
            pivot = !T.IsNaN(best) && (T.IsNaN(candidate) || candidate > best) ? i : pivot;
        }

        return pivot;
    }
}
