using System;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>How columns of codes of one byte lie in panels: for each run of k that has one scale a column, the scales of the panel's columns, their zero
/// points where there are some, both f32, then [k][column] codes as i8. A value is fl(fl(code − zero) · scale), as DequantizeLinear says.</summary>
/// <param name="Width">Columns of a panel.</param>
/// <param name="Depth">Length of the contraction.</param>
/// <param name="Run">Length of a run.</param>
/// <param name="HasZeros">Some zero point is not 0.</param>
internal sealed record Scaling(int Width, long Depth, long Run, bool HasZeros)
{
    /// <summary>Runs that are worth scales of their own.</summary>
    internal const long Shortest = 16;

    private const int Line = 64;

    /// <summary>Bytes of a run before its codes.</summary>
    internal long HeadBytes => (HasZeros ? 2 : 1) * Width * sizeof(float);

    /// <summary>Bytes of a run: whole cache lines.</summary>
    internal long RunBytes => (HeadBytes + (Width * Run) + Line - 1) / Line * Line;

    /// <summary>Runs of a panel, the last one perhaps not full.</summary>
    internal long Runs => (Depth + Run - 1) / Run;

    /// <summary>The longest run of k, counted from 0, whose scale and zero point are the same element for all of it, in every column: a common divisor
    /// of where they change, the whole depth where they do not, 0 where nothing is known.</summary>
    /// <param name="columns">Columns [.., column, k] of what is dequantised.</param>
    /// <param name="scale">The scales at its elements.</param>
    /// <param name="zero">The zero points.</param>
    internal static long RunLength(AffineView columns, AffineView scale, AffineView zero)
    {
        long depth = columns.Shape[^1];
        (long scales, long zeros) = (RunLength(columns, scale), RunLength(columns, zero));
        if (scales == 0 || zeros == 0)
        {
            return 0;
        }

        return scales == depth ? zeros : zeros == depth ? scales : (long)BigInteger.GreatestCommonDivisor(scales, zeros);
    }

    private static long RunLength(AffineView columns, AffineView scale)
    {
        long depth = columns.Shape[^1];
        long step = columns.Strides[^1];
        if (depth <= 1)
        {
            return depth;
        }

        // A step of k goes to the neighbour along some axis of the scales; behind it, and just before it, they may be repeated.
        int axis = scale.Shape.Rank;
        long inner = 1;
        while (axis > 0 && inner < step)
        {
            inner *= scale.Shape[--axis];
        }

        if (step <= 0 || inner != step)
        {
            return 0;
        }

        long run = 1;
        while (axis > 0 && (scale.Strides[axis - 1] == 0 || scale.Shape[axis - 1] == 1))
        {
            run *= scale.Shape[--axis];
        }

        if (axis == 0)
        {
            return depth;
        }

        // Every column begins where a run begins: its offset is a multiple of the run and less than a step.
        Int128 rest = columns.Offset % (step * run);
        for (int i = 0; i < columns.Shape.Rank - 1; i++)
        {
            if (columns.Strides[i] < 0)
            {
                return 0;
            }

            rest += columns.Strides[i] % (step * run) == 0 ? 0 : (Int128)columns.Strides[i] * (columns.Shape[i] - 1);
        }

        return rest < step ? Math.Min(run, depth) : 0;
    }
}
