using System;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>The points of a bin of <see cref="RoiAlign"/> along one axis.</summary>
/// <param name="extent">Elements of X along the axis.</param>
/// <param name="bins">Bins of a box.</param>
/// <param name="samples">Points of a bin; 0 for as many as it has elements.</param>
public sealed class RoiAxis(long extent, long bins, long samples)
{
    private double _origin;
    private double _bin;

    /// <summary>Number of points, those outside included.</summary>
    public long Points { get; private set; }

    /// <summary>The first point that is not outside.</summary>
    public long First { get; private set; }

    /// <summary>The point after the last that is not outside.</summary>
    public long End { get; private set; }

    /// <summary>Elements of X along the axis.</summary>
    internal long Extent => extent;

    /// <summary>Whether the points from the first to the last lie in X, and ascend.</summary>
    internal bool IsAscending => samples == 0;

    /// <summary>Goes to a bin of a box.</summary>
    /// <param name="start">Where the box starts, in elements of X.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="halfPixel">Whether a box may be shorter than one element.</param>
    /// <param name="index">The bin.</param>
    public void MoveTo(double start, double end, bool halfPixel, long index)
    {
        double length = halfPixel ? end - start : Math.Max(end - start, 1);
        _bin = length / bins;
        _origin = start + (index * _bin);
        Points = samples > 0 ? samples : (long)Math.Max(Math.Ceiling(length / bins), 0);
        (First, End) = (0, Points);
        if (samples == 0)
        {
            // Points ascend with a bin that is not negative: those inside are a run, found by halving.
            First = Least(point => Position(point) >= -1);
            End = Math.Max(First, Least(point => Position(point) > extent));
        }
    }

    /// <summary>The elements on both sides of a point and their weights; false where it is outside.</summary>
    public bool TryFind(long point, out long low, out long high, out double weightLow, out double weightHigh)
    {
        (low, high, weightLow, weightHigh) = (0, 0, 0, 0);
        double position = Position(point);
        if (position < -1 || position > extent)
        {
            return false;
        }

        position = Math.Max(position, 0);
        low = (long)Math.Floor(position);
        high = low + 1;
        if (low >= extent - 1)
        {
            low = high = extent - 1;
            position = low;
        }

        weightHigh = position - low;
        weightLow = 1 - weightHigh;
        return true;
    }

    private double Position(long point) => _origin + ((point + 0.5) * _bin / Points);

    private long Least(Func<long, bool> holds)
    {
        (long low, long high) = (0, Points);
        while (low < high)
        {
            long middle = (low + high) / 2;
            (low, high) = holds(middle) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}

/// <summary>The elements of X under one bin of <see cref="RoiAlign"/>.</summary>
internal readonly ref struct RoiPatch<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ElementReader _x;
    private readonly long _plane;
    private readonly RoiAxis _rows;
    private readonly RoiAxis _columns;
    private readonly T[]? _whole;
    private readonly long _firstRow;
    private readonly long _firstColumn;
    private readonly long _width;

    /// <param name="x">The reader.</param>
    /// <param name="plane">Elements of X before the plane.</param>
    /// <param name="rows">Points along H.</param>
    /// <param name="columns">Points along W.</param>
    /// <param name="isFew">Whether each point reads its neighbours; else what they all need is read once, row by row.</param>
    internal RoiPatch(ElementReader x, long plane, RoiAxis rows, RoiAxis columns, bool isFew)
    {
        (_x, _plane, _rows, _columns) = (x, plane, rows, columns);
        if (isFew || !TrySpan(rows, out _firstRow, out long lastRow) || !TrySpan(columns, out _firstColumn, out long lastColumn))
        {
            return;
        }

        _width = lastColumn - _firstColumn + 1;
        _whole = new T[checked((lastRow - _firstRow + 1) * _width)];
        for (long row = _firstRow; row <= lastRow; row++)
        {
            Span<T> line = _whole.AsSpan((int)((row - _firstRow) * _width), (int)_width);
            x.Load(0, plane + (row * columns.Extent) + _firstColumn, line);
        }
    }

    internal T Average()
    {
        T total = T.Zero;
        Span<T> elements = stackalloc T[4];
        Span<T> weights = stackalloc T[4];
        for (long row = _rows.First; row < _rows.End; row++)
        {
            for (long column = _columns.First; column < _columns.End; column++)
            {
                total += TryLoad(row, column, elements, weights) ? Dots.Add<T>(T.Zero, T.One, weights, elements) : T.Zero;
            }
        }

        return total / T.CreateChecked(Math.Max(1, _rows.Points * (double)_columns.Points));
    }

    internal T Maximum()
    {
        long inside = (_rows.End - _rows.First) * (_columns.End - _columns.First);
        bool isSome = _rows.Points > 0 && _columns.Points > 0;
        T best = isSome && inside == 0 ? T.Zero : T.NegativeInfinity;
        Span<T> elements = stackalloc T[4];
        Span<T> weights = stackalloc T[4];
        for (long row = _rows.First; row < _rows.End; row++)
        {
            for (long column = _columns.First; column < _columns.End; column++)
            {
                bool isInside = TryLoad(row, column, elements, weights);
                for (int i = 0; i < weights.Length; i++)
                {
                    best = T.Max(best, isInside ? weights[i] * elements[i] : T.Zero);
                }
            }
        }

        // Points that were not visited lie outside: they are +0.
        bool isAll = _rows.End - _rows.First == _rows.Points && _columns.End - _columns.First == _columns.Points;
        return !isSome ? T.Zero : isAll ? best : T.Max(best, T.Zero);
    }

    // What the points of an axis need: all elements, or those between the first and the last point inside.
    private static bool TrySpan(RoiAxis axis, out long first, out long last)
    {
        (first, last) = (0, axis.Extent - 1);
        if (axis.First >= axis.End || axis.Extent == 0)
        {
            return false;
        }

        if (axis.IsAscending)
        {
            axis.TryFind(axis.First, out first, out _, out _, out _);
            axis.TryFind(axis.End - 1, out _, out last, out _, out _);
        }

        return true;
    }

    private bool TryLoad(long row, long column, Span<T> elements, Span<T> weights)
    {
        if (!_rows.TryFind(row, out long top, out long bottom, out double weightTop, out double weightBottom)
            || !_columns.TryFind(column, out long left, out long right, out double weightLeft, out double weightRight))
        {
            return false;
        }

        weights[0] = T.CreateChecked(weightTop * weightLeft);
        weights[1] = T.CreateChecked(weightTop * weightRight);
        weights[2] = T.CreateChecked(weightBottom * weightLeft);
        weights[3] = T.CreateChecked(weightBottom * weightRight);
        Pair(top, left, right, elements);
        if (bottom == top)
        {
            elements[..2].CopyTo(elements[2..]);
        }
        else
        {
            Pair(bottom, left, right, elements[2..]);
        }

        return true;
    }

    private void Pair(long row, long left, long right, Span<T> pair)
    {
        if (_whole is not null)
        {
            long line = (row - _firstRow) * _width;
            (pair[0], pair[1]) = (_whole[line + left - _firstColumn], _whole[line + right - _firstColumn]);
            return;
        }

        int count = right == left ? 1 : 2;
        _x.Load(0, _plane + (row * _columns.Extent) + left, pair[..count]);
        pair[1] = pair[count - 1];
    }
}
