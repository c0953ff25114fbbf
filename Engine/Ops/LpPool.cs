using System;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  LpPool: the p-norm of each window
//
//  Shapes   as Pool, real types
//  Reads    as Pool
//  Order    t = pow(|x|, p) of the taps that do not lie in the padding, row-major; sequential sum from +0; y = pow(sum, fl(1 / p)).
//           For p = 2 that is fl(x * x) and the root, for p = 1 |x| and the sum. Not the 32-lane fold
//  Rounding one per power, one per sum; 1 / p is rounded to the arithmetic's type
//  NaN      IEEE 754; a window of nothing is +0
//  Source   docs/numerics.md, section Windows; ONNX LpPool-22
//

/// <summary>The p-norm of each window.</summary>
/// <param name="window">The window.</param>
/// <param name="p">The power.</param>
public sealed class LpPool(Window window, long p) : Pool("LpPool", window, new OpAttribute("p", p))
{
    private const long Largest = 1L << 20;

    /// <summary>The power.</summary>
    public long P { get; } = OpAttribute.Held("p", p, 1, Largest);

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (y.Type == DType.F64)
        {
            Evaluate<double>(x, start, y, Functions.Pow);
        }
        else
        {
            Evaluate<float>(x, start, y, Functions.Pow);
        }
    }

    private protected override bool Takes(DType type) => type.IsReal();

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y, Func<T, T, T> power)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[] norms = new T[y.Count];
        T exponent = T.CreateChecked(P);
        T root = T.One / exponent;
        ForEachWindow(x, start, y.Count, (index, sources, _) =>
        {
            T sum = T.Zero;
            foreach (long source in sources)
            {
                T size = T.Abs(x.Load<T>(0, source));
                sum += P switch
                {
                    1 => size,
                    2 => size * size,
                    _ => power(size, exponent),
                };
            }

            norms[index] = P switch
            {
                1 => sum,
                2 => T.Sqrt(sum),
                _ => power(sum, root),
            };
        });
        for (int i = 0; i < norms.Length; i++)
        {
            y.Store(i, norms[i]);
        }
    }
}
