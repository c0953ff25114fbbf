using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Resample: weighted sums of elements along one axis, chosen by a table of taps
//
//  Shapes   X [before.., n, after..] real, indices I i64 [m, t], weights W [m, t] (f64 for f64, else f32) -> Y [before.., m, after..]
//  Reads    row j of I and W for position j along the axis; the elements of X at the indices whose weights are not 0
//  Order    the dot-product formula over the taps of a row, ascending, from +0: fma(weight, element, s). A tap of weight 0 is left out.
//           An index outside 0 .. n - 1 is brought to the nearest end; with n = 0 every tap is left out
//  Rounding one per fma; f16 and bf16 are widened, the total is rounded once to storage
//  NaN      IEEE 754; a NaN weight is not 0
//  Source   docs/numerics.md, section Resampling; ONNX Resize-19
//

/// <summary>Weighted sums of elements along one axis, chosen by a table of taps.</summary>
/// <param name="axis">The axis of X.</param>
public sealed class Resample(int axis) : Op("Resample", 1, new OpAttribute("axis", axis))
{
    private const int Block = 256;

    /// <summary>The axis of X.</summary>
    public int Axis { get; } = OpAttribute.Axis(axis);

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 3 && inputs[0].DType.IsReal() && Axis < inputs[0].Shape.Rank,
            $"takes a real X with axis {Axis}, indices and weights",
            inputs);
        Require(
            inputs[1].DType == DType.I64 && inputs[1].Shape.Rank == 2
            && inputs[2] == new TensorType(inputs[0].DType == DType.F64 ? DType.F64 : DType.F32, inputs[1].Shape),
            "indices are i64 [m, t], weights f32 (f64 for f64) of the same shape",
            inputs);
        return [inputs[0] with { Shape = inputs[0].Shape.With(Axis, inputs[1].Shape[0]) }];
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
        long taps = reads.Shape(1)[1];
        reads.Add(0, new Footprint(Footprint.Multiply(reads.Box[Axis], taps), reads.Box.SetItem(Axis, 1)));
        reads.Add(1, reads.Box[Axis], taps);
        reads.Add(2, reads.Box[Axis], taps);
    }

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape shape = x.Type(0).Shape;
        long after = shape.Product(Axis + 1, shape.Rank);
        long rows = x.Type(1).Shape[0];
        int taps = checked((int)x.Type(1).Shape[1]);
        Table<T> table = new(taps, shape[Axis]);
        for (int i = 0; i < y.Count;)
        {
            (long slice, long within) = Math.DivRem(start + i, after);
            (long before, long row) = Math.DivRem(slice, rows);
            long first = before * shape[Axis] * after;
            int run;
            if (after == 1)
            {
                run = (int)Math.Min(Math.Min(rows - row, Block), y.Count - i);
                table.Load(x, row, run);
                table.Line(x, first, y.Slice(i, run));
            }
            else
            {
                run = (int)Math.Min(Math.Min(after - within, Block), y.Count - i);
                table.Load(x, row, 1);
                table.Across(x, first + within, after, y.Slice(i, run));
            }

            i += run;
        }
    }

    // The taps of some rows, and the sums that they make.
    private sealed class Table<T>(int taps, long extent)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private readonly T[] _block = new T[Block];
        private long[] _indices = [];
        private T[] _weights = [];
        private T[] _span = [];
        private long _row = -1;
        private int _rows;

        internal void Load(ElementReader x, long row, int rows)
        {
            if (row == _row && rows == _rows)
            {
                return;
            }

            (_row, _rows) = (row, rows);
            int count = checked(rows * taps);
            if (_indices.Length < count)
            {
                _indices = new long[count];
                _weights = new T[count];
            }

            x.Load(1, row * taps, _indices.AsSpan(0, count));
            x.Load(2, row * taps, _weights.AsSpan(0, count));
            for (int i = 0; i < count; i++)
            {
                _indices[i] = Math.Clamp(_indices[i], 0, Math.Max(extent - 1, 0));
                _weights[i] = extent == 0 ? T.Zero : _weights[i];
            }
        }

        // Elements next to each other, one row of the table for all of them.
        internal void Across(ElementReader x, long first, long stride, ElementWriter y)
        {
            Span<T> totals = stackalloc T[Block];
            Span<T> sums = stackalloc T[Block];
            totals.Clear();
            Span<T> block = _block.AsSpan(0, y.Count);
            for (int from = 0; from < taps; from += Dots.Block)
            {
                sums.Clear();
                for (int tap = from; tap < Math.Min(taps, from + Dots.Block); tap++)
                {
                    T weight = _weights[tap];
                    if (weight == T.Zero)
                    {
                        continue;
                    }

                    x.Load(0, first + (_indices[tap] * stride), block);
                    for (int i = 0; i < block.Length; i++)
                    {
                        sums[i] = T.FusedMultiplyAdd(weight, block[i], sums[i]);
                    }
                }

                for (int i = 0; i < block.Length; i++)
                {
                    totals[i] += sums[i];
                }
            }

            for (int i = 0; i < y.Count; i++)
            {
                y.Store(i, totals[i]);
            }
        }

        // Elements along the axis, a row of the table for each.
        internal void Line(ElementReader x, long first, ElementWriter y)
        {
            long low = LoadSpan(x, first);
            for (int i = 0; i < y.Count; i++)
            {
                T total = T.Zero;
                for (int from = 0; from < taps; from += Dots.Block)
                {
                    T sum = T.Zero;
                    for (int tap = from; tap < Math.Min(taps, from + Dots.Block); tap++)
                    {
                        T weight = _weights[(i * taps) + tap];
                        long index = _indices[(i * taps) + tap];
                        if (weight != T.Zero)
                        {
                            sum = T.FusedMultiplyAdd(weight, low < 0 ? x.Load<T>(0, first + index) : _span[index - low], sum);
                        }
                    }

                    total += sum;
                }

                y.Store(i, total);
            }
        }

        // Takes everything between the lowest and the highest index at once, unless that is more than the taps; gives the lowest, or -1.
        private long LoadSpan(ElementReader x, long first)
        {
            long low = long.MaxValue;
            long high = -1;
            int read = 0;
            for (int i = 0; i < _rows * taps; i++)
            {
                if (_weights[i] != T.Zero)
                {
                    low = Math.Min(low, _indices[i]);
                    high = Math.Max(high, _indices[i]);
                    read++;
                }
            }

            if (high < 0 || high - low + 1 > read)
            {
                return -1;
            }

            int count = (int)(high - low + 1);
            _span = _span.Length < count ? new T[count] : _span;
            x.Load(0, first + low, _span.AsSpan(0, count));
            return low;
        }
    }
}
