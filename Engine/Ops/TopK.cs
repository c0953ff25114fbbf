using System;
using System.Collections.Generic;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  TopK: where the k largest elements of each row are, or the k smallest
//
//  Shapes   X [rows.., n], a number type, n at least k -> Y i64 [rows.., k] (another axis is moved last by a View; the elements themselves
//           are gathered)
//  Reads    the row
//  Order    that of selection: -0 equals +0, NaN equals itself and is above everything. Best first; of equals the lower index first
//  Rounding none
//  NaN      above everything
//  Source   docs/numerics.md, section Selection; ONNX TopK-24
//

/// <summary>Where the k largest elements of each row are, or the k smallest; best first.</summary>
/// <param name="k">How many.</param>
/// <param name="smallest">The smallest in place of the largest.</param>
public sealed class TopK(long k, bool smallest) : Op("TopK", 1, new OpAttribute("k", k), OpAttribute.Of("smallest", smallest))
{
    private static readonly Comparer<(long Key, int At)> WorstFirst =
        Comparer<(long Key, int At)>.Create((a, b) => a.Key == b.Key ? b.At.CompareTo(a.At) : b.Key.CompareTo(a.Key));

    /// <summary>How many.</summary>
    public long K { get; } = OpAttribute.Held("k", k, 0, int.MaxValue);

    /// <summary>The smallest are looked for.</summary>
    public bool Smallest { get; } = smallest;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 1 && inputs[0].DType != DType.Bool && inputs[0].Shape.Rank >= 1
                && inputs[0].Shape[^1] >= K && inputs[0].Shape[^1] <= int.MaxValue,
            $"takes numbers X with rows of {K} or more",
            inputs);
        return [new TensorType(DType.I64, inputs[0].Shape.With(inputs[0].Shape.Rank - 1, K))];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        long[] keys = new long[x.Type(0).Shape[^1]];
        for (int i = 0; i < y.Count;)
        {
            (long row, long first) = Math.DivRem(start + i, K);
            int count = (int)Math.Min(K - first, y.Count - i);
            OrderKeys.Load(x, 0, row * keys.Length, keys);
            int[] best = Best(keys, (int)first + count);
            for (int j = 0; j < count; j++)
            {
                y.Set(i + j, (long)best[first + j]);
            }

            i += count;
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
        => reads.Add(0, reads.Box.SetItem(reads.Box.Length - 1, reads.Shape(0)[^1]));

    // Where the best of the keys are, best first.
    private int[] Best(ReadOnlySpan<long> keys, int count)
    {
        PriorityQueue<int, (long Key, int At)> held = new(count + 1, WorstFirst);
        for (int at = 0; at < keys.Length; at++)
        {
            // Least first in either case: ~ turns the order around. What comes later loses against its equals.
            long key = Smallest ? keys[at] : ~keys[at];
            if (held.Count < count)
            {
                held.Enqueue(at, (key, at));
            }
            else if (held.TryPeek(out _, out (long Key, int At) worst) && key < worst.Key)
            {
                held.DequeueEnqueue(at, (key, at));
            }
        }

        int[] best = new int[count];
        for (int j = count - 1; j >= 0; j--)
        {
            best[j] = held.Dequeue();
        }

        return best;
    }
}
