using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>What a <see cref="Scatter"/> makes of an element and an update of it.</summary>
public enum Scattering
{
    /// <summary>The update.</summary>
    Set = 0,

    /// <summary>Their sum.</summary>
    Add = 1,

    /// <summary>Their product.</summary>
    Mul = 2,

    /// <summary>The larger.</summary>
    Max = 3,

    /// <summary>The smaller.</summary>
    Min = 4,
}

//
//  Scatter: X with the rows that indices name replaced by updates, or changed by them
//
//  Shapes   X [batch.., D, row..], indices I i32 or i64 [batch.., m], updates U [batch.., m, row..] of X's type -> Y like X. Set takes every
//           type, the others numbers
//  Reads    the element of X, all m indices of its batch, and its element of the update that is last (Set) or of all that name its row
//  Order    updates in the order of their indices. A negative index counts from the end; an update whose index is still outside does nothing
//  Rounding one for each sum or product, in f32 (f64); f16 and bf16 are rounded once to storage, at the end; integers wrap. Max and Min:
//           +0 above -0. Where no update is, and with Set, the bits are X's or the update's
//  NaN      IEEE 754; Max and Min: NaN wins
//  Source   docs/numerics.md, section Selection; ONNX ScatterElements-18, ScatterND-18, MaxUnpool-22
//

/// <summary>X with the rows that indices name replaced by updates, or changed by them.</summary>
/// <param name="kind">What is made of an element and an update.</param>
/// <param name="batch">How many axes come before the one that is indexed.</param>
public sealed class Scatter(Scattering kind, int batch)
    : Op("Scatter", 1, new OpAttribute("kind", (long)kind), new OpAttribute("batch", batch))
{
    private const int Chunk = 256;

    /// <summary>What is made of an element and an update.</summary>
    public Scattering Kind { get; } = Enum.IsDefined(kind) ? kind : throw Error.AttributeUnknown("kind", (long)kind);

    /// <summary>How many axes come before the one that is indexed.</summary>
    public int Batch { get; } = OpAttribute.Axis(batch);

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 3 && inputs[1].DType is DType.I32 or DType.I64 && inputs[0].DType == inputs[2].DType
                && (Kind == Scattering.Set || inputs[0].DType != DType.Bool)
                && inputs[0].Shape.Rank > Batch && inputs[1].Shape.Rank == Batch + 1
                && inputs[1].Shape.Equals(new Shape([.. inputs[0].Shape.Extents[..Batch], inputs[1].Shape[^1]]))
                && inputs[2].Shape.Equals(inputs[0].Shape.With(Batch, inputs[1].Shape[^1])),
            $"takes X with axis {Batch}, i32 or i64 indices and an update for each",
            inputs);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        Shape shape = x.Type(0).Shape;
        long row = shape.Product(Batch + 1, shape.Rank);
        long batches = shape[Batch] * row;
        for (int i = 0; i < y.Count;)
        {
            (long outer, long within) = Math.DivRem(start + i, batches);
            int count = (int)Math.Min(batches - within, y.Count - i);
            Part part = new(outer, within, count, row, shape[Batch], x.Type(1).Shape[^1]);
            if (Kind == Scattering.Set)
            {
                Set(x, part, y.Slice(i, count));
            }
            else if (y.Type.IsSingle())
            {
                Change<float>(x, part, y.Slice(i, count), (a, b) => Real<float>(a, b));
            }
            else if (y.Type == DType.F64)
            {
                Change<double>(x, part, y.Slice(i, count), (a, b) => Real<double>(a, b));
            }
            else
            {
                DType type = y.Type;
                Change<long>(x, part, y.Slice(i, count), (a, b) => Integer(a, b, type));
            }

            i += count;
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        ImmutableArray<long> outer = reads.Box[..Batch];
        ImmutableArray<long> row = reads.Box[(Batch + 1)..];
        long m = reads.Shape(1)[^1];
        reads.Add(0, reads.Box);
        reads.Add(1, outer.Add(m));
        reads.Add(2, Kind == Scattering.Set
            ? new Footprint(new Footprint(reads.Box[Batch], outer).Elements, [.. Footprint.Element(new Shape([.. outer, 1])).Box, .. row])
            : new Footprint(1, [.. outer, m, .. row]));
    }

    // For each row of the part the last update that names it.
    private static void Set(ElementReader x, Part part, ElementWriter y)
    {
        long firstRow = part.Within / part.Row;
        long[] last = new long[((part.Within + part.Count - 1) / part.Row) - firstRow + 1];
        last.AsSpan().Fill(-1);
        ForEachUpdate(x, part, (update, row) => last[row - firstRow] = update);
        x.Read(0, part.Start, y.Bytes);
        for (int k = 0; k < last.Length; k++)
        {
            if (last[k] >= 0)
            {
                (int from, int to, long source) = part.Section(last[k], firstRow + k);
                x.Read(2, source, y.Slice(from, to - from).Bytes);
            }
        }
    }

    private static void Change<T>(ElementReader x, Part part, ElementWriter y, Func<T, T, T> made)
        where T : unmanaged
    {
        T[] values = new T[part.Count];
        T[] updates = new T[Math.Min(part.Count, part.Row)];
        x.Load<T>(0, part.Start, values);
        ForEachUpdate(x, part, (update, row) =>
        {
            (int from, int to, long source) = part.Section(update, row);
            Span<T> terms = updates.AsSpan(0, to - from);
            x.Load(2, source, terms);
            for (int k = 0; k < terms.Length; k++)
            {
                values[from + k] = made(values[from + k], terms[k]);
            }
        });
        for (int k = 0; k < values.Length; k++)
        {
            y.Store(k, values[k]);
        }
    }

    // Updates of rows that the part meets, in order.
    private static void ForEachUpdate(ElementReader x, Part part, Action<long, long> take)
    {
        Span<long> block = stackalloc long[Chunk];
        for (long done = 0; done < part.Updates; done += Chunk)
        {
            Span<long> indices = block[..(int)Math.Min(Chunk, part.Updates - done)];
            x.Load(1, (part.Outer * part.Updates) + done, indices);
            for (int k = 0; k < indices.Length; k++)
            {
                long row = indices[k] < 0 ? indices[k] + part.Rows : indices[k];
                if (row >= part.Within / part.Row && row <= (part.Within + part.Count - 1) / part.Row)
                {
                    take(done + k, row);
                }
            }
        }
    }

    private T Real<T>(T a, T b)
        where T : unmanaged, IFloatingPointIeee754<T> => Kind switch
        {
            Scattering.Add => a + b,
            Scattering.Mul => a * b,
            Scattering.Max => T.Max(a, b),
            _ => T.Min(a, b),
        };

    private long Integer(long a, long b, DType type) => unchecked(Kind switch
    {
        Scattering.Add => a + b,
        Scattering.Mul => a * b,
        Scattering.Max => Integers.Compare(a, b, type) >= 0 ? a : b,
        _ => Integers.Compare(a, b, type) <= 0 ? a : b,
    });

    // Consecutive elements of one batch: from Within on, Count of them. Row: elements of a row. Rows and Updates: of a batch.
    private sealed record Part(long Outer, long Within, int Count, long Row, long Rows, long Updates)
    {
        internal long Start => (Outer * Rows * Row) + Within;

        // The elements that an update of a row changes, and the first of it.
        internal (int From, int To, long Source) Section(long update, long row)
        {
            long first = row * Row;
            int from = (int)Math.Max(0, first - Within);
            int to = (int)Math.Min(Count, first + Row - Within);
            return (from, to, (((Outer * Updates) + update) * Row) + Within + from - first);
        }
    }
}
