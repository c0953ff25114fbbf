using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  MaxPool: the largest element of each window, and where it is
//
//  Shapes   as Pool, reals and integers; outputs Y and Indices (i64, indices in X over all axes)
//  Reads    as Pool
//  Order    none: the maximum, +0 above -0, the first of equals
//  Rounding exact; a window of nothing gives -infinity or the least integer, and index -1
//  NaN      NaN wins, the first one
//  Source   docs/numerics.md, sections Windows and Order; ONNX MaxPool-22
//

/// <summary>The largest element of each window (output 0), and its index in X (output 1).</summary>
/// <param name="window">The window.</param>
/// <param name="columnMajor">Indices count the last two spatial axes swapped (ONNX's storage_order = 1).</param>
public sealed class MaxPool(Window window, bool columnMajor)
    : Pool("MaxPool", window, OpAttribute.Of("column_major", columnMajor))
{
    /// <summary>Indices count the spatial axes column-major.</summary>
    public bool ColumnMajor { get; } = columnMajor;

    /// <inheritdoc/>
    public override int AuxiliaryFrom => 2;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        TensorType y = base.Infer(inputs)[0];
        return [y, new TensorType(DType.I64, y.Shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        DType type = x.Type(0).DType;
        if (type.IsSingle())
        {
            Evaluate(x, output, start, y, float.NegativeInfinity, (a, b) => Above(a, b));
        }
        else if (type == DType.F64)
        {
            Evaluate(x, output, start, y, double.NegativeInfinity, Above);
        }
        else
        {
            Evaluate(x, output, start, y, type.IntegerRange().Low, (a, b) => Integers.Compare(a, b, type) > 0);
        }
    }

    private protected override bool Takes(DType type) => type != DType.Bool;

    // Whether a beats b: NaN beats all but NaN, +0 beats -0.
    private static bool Above(double a, double b)
        => !double.IsNaN(b) && (double.IsNaN(a) || a > b || (a == 0 && b == 0 && double.IsNegative(b) && !double.IsNegative(a)));

    private void Evaluate<T>(ElementReader x, int output, long start, ElementWriter y, T least, Func<T, T, bool> above)
        where T : unmanaged
    {
        T[] values = new T[y.Count];
        long[] indices = new long[y.Count];
        ForEachWindow(x, start, y.Count, (index, sources, _) =>
        {
            T best = least;
            long at = -1;
            foreach (long source in sources)
            {
                T value = x.Load<T>(0, source);
                if (at < 0 || above(value, best))
                {
                    best = value;
                    at = source;
                }
            }

            values[index] = best;
            indices[index] = at;
        });
        Shape shape = x.Type(0).Shape;
        for (int i = 0; i < y.Count; i++)
        {
            if (output == 0)
            {
                y.Store(i, values[i]);
            }
            else
            {
                y.Set(i, ColumnMajor ? Transposed(indices[i], shape) : indices[i]);
            }
        }
    }

    // The index with the spatial axes counted in the opposite order.
    private static long Transposed(long index, Shape shape)
    {
        if (index < 0)
        {
            return index;
        }

        long plane = shape.Product(2, shape.Rank);
        (long channel, long rest) = Math.DivRem(index, plane);
        long[] coordinates = new long[shape.Rank - 2];
        for (int axis = coordinates.Length - 1; axis >= 0; axis--)
        {
            (rest, coordinates[axis]) = Math.DivRem(rest, shape[axis + 2]);
        }

        long transposed = 0;
        for (int axis = coordinates.Length - 1; axis >= 0; axis--)
        {
            transposed = (transposed * shape[axis + 2]) + coordinates[axis];
        }

        return (channel * plane) + transposed;
    }
}
