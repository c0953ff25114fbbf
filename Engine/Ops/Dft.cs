using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Dft: the discrete Fourier transform of rows
//
//  Shapes   X [rows.., n, parts] real type, parts 1 (real) or 2 (real, imaginary), circle T [N, 2] (cosine and sine of j/N turns) of X's
//           type, f32 for f16 and bf16, N >= n -> Y [rows.., bins, 2] of X's type
//  Reads    the row of X, all; T, all
//  Order    element (k, part): the dot-product formula over (j, parts of X), j ascending, with c = T[j * k mod N, 0], s = T[j * k mod N, 1],
//           s negated if inverse: real part terms x * c, and imaginary * s; imaginary part x * -s, and imaginary * c.
//           Inverse: one division by N at the end. j * k mod N is exact
//  Rounding one per fma, one division; f16 and bf16 are widened, the result is rounded once to storage
//  NaN      IEEE 754; n = 0 gives +0 (inverse with N = 0: NaN)
//  Source   docs/numerics.md, section Fourier transforms; ONNX DFT-20
//

/// <summary>The discrete Fourier transform of rows.</summary>
/// <param name="bins">How many results, from frequency 0 on.</param>
/// <param name="inverse">Whether the turns go the other way, and the result is divided by N.</param>
public sealed class Dft(long bins, bool inverse) : Op("Dft", 1, new OpAttribute("bins", bins), OpAttribute.Of("inverse", inverse))
{
    /// <summary>How many results.</summary>
    public long Bins { get; } = OpAttribute.Held("bins", bins, 0, int.MaxValue);

    /// <summary>Whether the turns go the other way, and the result is divided by N.</summary>
    public bool Inverse { get; } = inverse;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 2 && inputs[0].DType.IsReal() && inputs[0].Shape.Rank >= 2 && inputs[0].Shape[^1] is 1 or 2,
            "takes a real X [rows.., n, 1 or 2] and a circle",
            inputs);
        Shape circle = inputs[1].Shape;
        Require(
            inputs[1].DType == (inputs[0].DType == DType.F64 ? DType.F64 : DType.F32) && circle.Rank == 2 && circle[1] == 2
            && circle[0] >= inputs[0].Shape[^2] && circle[0] <= int.MaxValue,
            "the circle is [N, 2], N at least n, f32 (f64 for f64)",
            inputs);
        return [inputs[0] with { Shape = new Shape([.. inputs[0].Shape.Extents[..^2], Bins, 2]) }];
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
    private protected override void Read(Reads reads)
    {
        Shape x = reads.Shape(0);
        reads.Add(0, [.. reads.Box[..^2], .. x.Extents[^2..]]);
        reads.Add(1, [.. reads.Shape(1).Extents]);
    }

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape shape = x.Type(0).Shape;
        int parts = (int)shape[^1];
        long length = x.Type(1).Shape[0];
        T[] row = new T[checked(shape[^2] * parts)];
        T[] circle = new T[checked(length * 2)];
        x.Load(1, 0, circle);
        long loaded = -1;
        for (int i = 0; i < y.Count; i++)
        {
            (long bin, long part) = Math.DivRem(start + i, 2);
            (long line, long k) = Math.DivRem(bin, Bins);
            if (line != loaded)
            {
                x.Load(0, line * row.Length, row);
                loaded = line;
            }

            T total = Sum<T>(row, circle, parts, k, isImaginary: part == 1);
            y.Store(i, Inverse ? total / T.CreateChecked(length) : total);
        }
    }

    private T Sum<T>(ReadOnlySpan<T> row, ReadOnlySpan<T> circle, int parts, long k, bool isImaginary)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> weights = stackalloc T[Dots.Block];
        int length = circle.Length / 2;
        int step = length == 0 ? 0 : (int)(k % length);
        int at = 0;
        T total = T.Zero;
        for (int from = 0; from < row.Length; from += Dots.Block)
        {
            int count = Math.Min(Dots.Block, row.Length - from);
            for (int i = 0; i < count; i += parts)
            {
                T cosine = circle[2 * at];
                T sine = Inverse ? -circle[(2 * at) + 1] : circle[(2 * at) + 1];
                weights[i] = isImaginary ? -sine : cosine;
                if (parts == 2)
                {
                    weights[i + 1] = isImaginary ? cosine : sine;
                }

                at = at >= length - step ? at - (length - step) : at + step;
            }

            total = Dots.Add(total, T.One, row.Slice(from, count), weights[..count]);
        }

        return total;
    }
}
