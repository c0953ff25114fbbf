using System;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  AveragePool: the mean of each window
//
//  Shapes   as Pool, real types
//  Reads    as Pool
//  Order    sequential from +0 over the taps that do not lie in the padding, row-major; then one division by the number of taps,
//           those in the declared padding included where it is counted. Not the 32-lane fold
//  Rounding one per sum, one division
//  NaN      IEEE 754; a window of nothing is 0 / 0, NaN
//  Source   docs/numerics.md, section Windows; ONNX AveragePool-22
//

/// <summary>The mean of each window.</summary>
/// <param name="window">The window.</param>
/// <param name="countPadding">Whether taps in the declared padding count as elements of value 0.</param>
public sealed class AveragePool(Window window, bool countPadding)
    : Pool("AveragePool", window, OpAttribute.Of("count_padding", countPadding))
{
    /// <summary>Whether taps in the declared padding count as elements of value 0.</summary>
    public bool CountPadding { get; } = countPadding;

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

    private protected override bool Takes(DType type) => type.IsReal();

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] means = new T[y.Count];
        ForEachWindow(x, start, y.Count, (index, sources, counted) =>
        {
            T sum = T.Zero;
            foreach (long source in sources)
            {
                sum += x.Load<T>(0, source);
            }

            means[index] = sum / T.CreateChecked(CountPadding ? counted : sources.Length);
        });
        for (int i = 0; i < means.Length; i++)
        {
            y.Store(i, means[i]);
        }
    }
}
