using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>Which rows of A [batch.., M, K] and B [batch.., N, K] meet in an element of Y [batch.., M, N].</summary>
internal readonly struct DotShape(Shape a, Shape b)
{
    private readonly long _m = a[^2];
    private readonly long _n = b[^2];

    internal long K { get; } = a[^1];

    /// <summary>The shape of Y, or null where A and B do not fit.</summary>
    internal static Shape? Infer(Shape a, Shape b)
    {
        bool fits = a.Rank >= 2 && a.Rank == b.Rank && a[^1] == b[^1]
            && a.Extents[..^2].SequenceEqual(b.Extents[..^2]);
        return fits ? a.With(a.Rank - 1, b[^2]) : null;
    }

    /// <summary>Whether these are u8 or i8 codes, and one zero point for each row of them.</summary>
    internal static bool IsCodes(TensorType codes, TensorType zeros)
        => codes.DType is DType.U8 or DType.I8 && zeros == new TensorType(codes.DType, new Shape(codes.Shape.Extents[..^1]));

    /// <summary>What a box [batch.., m, n] of Y reads of A and B: [batch.., m, K] and [batch.., n, K].</summary>
    internal static void ReadRows(Reads reads, int slotA, int slotB)
    {
        ImmutableArray<long> box = reads.Box.SetItem(reads.Box.Length - 1, reads.Shape(slotA)[^1]);
        reads.Add(slotA, box);
        reads.Add(slotB, box.SetItem(box.Length - 2, reads.Box[^1]));
    }

    /// <summary>Rows of A and of B, counted over the batch, for element <paramref name="index"/> of Y.</summary>
    internal (long RowA, long RowB) Rows(long index)
    {
        (long rowA, long n) = Math.DivRem(index, _n);
        return (rowA, ((rowA / _m) * _n) + n);
    }

    /// <summary>Σ (a − zeroA)·(b − zeroB) over a row of each, wrapping.</summary>
    internal long Sum(ElementReader x, int slotA, long rowA, long zeroA, int slotB, long rowB, long zeroB)
    {
        Span<long> blockA = stackalloc long[Dots.Block];
        Span<long> blockB = stackalloc long[Dots.Block];
        long total = 0;
        for (long k = 0; k < K; k += Dots.Block)
        {
            int count = (int)Math.Min(Dots.Block, K - k);
            x.Load(slotA, (rowA * K) + k, blockA[..count]);
            x.Load(slotB, (rowB * K) + k, blockB[..count]);
            for (int i = 0; i < count; i++)
            {
                total = unchecked(total + ((blockA[i] - zeroA) * (blockB[i] - zeroB)));
            }
        }

        return total;
    }
}
