using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Resample.cs, up to one block of taps: s = +0; s = fma(weight, element, s) for the taps whose weight is not 0,
//  ascending; y = +0 + s.
//
//  All elements of a row across the axis have the same taps, so they are the lanes. Along the last axis, sixteen lines are turned first:
//
//    x  [lines][n]  ->  [n][16]  --taps-->  [16 of m][16]  ->  y  [lines][m]
//

/// <summary>Weighted sums of elements along one axis, chosen by a table of taps.</summary>
internal static unsafe class Resample
{
    private const int MostTaps = 256;
    private const int Side = 16;

    // The longest line that is turned: 4 MiB of room for sixteen.
    private const long LongestLine = 1 << 16;
    private const long LeastElements = 4096;

    internal static bool Run<F>(KernelRun run, Engine.Ops.Resample op)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        Shape shape = operand.Type.Shape;
        long n = shape[op.Axis];
        long after = shape.Product(op.Axis + 1, shape.Rank);
        int taps = (int)Math.Min(run.Call.Inputs[1].Type.Shape[1], MostTaps + 1);
        if (operand.Type.DType != DType.F32 || operand.Type.Elements == 0 || run.Call.Node.Outputs[0].Elements == 0 || taps > MostTaps
            || (after == 1 && n > LongestLine))
        {
            return false;
        }

        float* x = run.Contiguous<float>(operand);
        float* y = run.Output<float>(0);
        Table table = Table.Of(run, n, taps);
        if (after == 1)
        {
            Lines<F>(run, x, y, operand.Type.Elements / n, n, table);
        }
        else
        {
            Across<F>(run, x, y, operand.Type.Elements / (n * after), n, after, table);
        }

        return true;
    }

    private static void Across<F>(KernelRun run, float* x, float* y, long slices, long n, long after, Table table)
        where F : unmanaged, IFloats<F>
        => run.ForRanges(slices * table.Rows, Math.Max(1, LeastElements / after), (first, end, _) =>
        {
            (long slice, long row) = Math.DivRem(first, table.Rows);
            for (long i = first; i < end; i++)
            {
                Row<F>(x + (slice * n * after), after, table, row, y + (i * after), after);
                if (++row == table.Rows)
                {
                    row = 0;
                    slice++;
                }
            }
        });

    private static void Lines<F>(KernelRun run, float* x, float* y, long lines, long n, Table table)
        where F : unmanaged, IFloats<F>
    {
        long each = (n + Side) * Side;
        long m = table.Rows;
        float* room = run.Rent<float>(run.Workers * each);
        long groups = (lines + Side - 1) / Side;
        run.ForRanges(groups, Math.Max(1, LeastElements / (Side * Math.Max(1, m))), (first, end, worker) =>
        {
            float* turned = room + (worker * each);
            float* square = turned + (n * Side);
            for (long line = first * Side; line < Math.Min(end * Side, lines); line += Side)
            {
                long some = Math.Min(Side, lines - line);
                Transposition.Run(x + (line * n), n, turned, Side, some, n);
                for (long row = 0; row < m; row += Side)
                {
                    long rows = Math.Min(Side, m - row);
                    for (long k = 0; k < rows; k++)
                    {
                        Row<F>(turned, Side, table, row + k, square + (k * Side), Side);
                    }

                    Transposition.Run(square, Side, y + (line * m) + row, m, rows, some);
                }
            }
        });
    }

    // One row of the table, for elements next to each other; stride: from one index along the axis to the next.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<F>(float* x, long stride, Table table, long row, float* y, long count)
        where F : unmanaged, IFloats<F>
    {
        int end = table.Ends[row];
        int first = row == 0 ? 0 : table.Ends[row - 1];
        long i = 0;
        for (; i <= count - (4 * F.Lanes); i += 4 * F.Lanes)
        {
            F s0 = default, s1 = default, s2 = default, s3 = default;
            for (int tap = first; tap < end; tap++)
            {
                F weight = F.Of(table.Weights[tap]);
                float* at = x + (table.Indices[tap] * stride) + i;
                s0 = F.Fma(weight, F.Load(at), s0);
                s1 = F.Fma(weight, F.Load(at + F.Lanes), s1);
                s2 = F.Fma(weight, F.Load(at + (2 * F.Lanes)), s2);
                s3 = F.Fma(weight, F.Load(at + (3 * F.Lanes)), s3);
            }

            F.Store(y + i, F.Canonical(default(F) + s0));
            F.Store(y + i + F.Lanes, F.Canonical(default(F) + s1));
            F.Store(y + i + (2 * F.Lanes), F.Canonical(default(F) + s2));
            F.Store(y + i + (3 * F.Lanes), F.Canonical(default(F) + s3));
        }

        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F s = default;
            for (int tap = first; tap < end; tap++)
            {
                s = F.Fma(F.Of(table.Weights[tap]), F.Load(x + (table.Indices[tap] * stride) + i), s);
            }

            F.Store(y + i, F.Canonical(default(F) + s));
        }

        if (i < count)
        {
            int rest = (int)(count - i);
            F s = default;
            for (int tap = first; tap < end; tap++)
            {
                s = F.Fma(F.Of(table.Weights[tap]), RowLoops.Load<F>(x + (table.Indices[tap] * stride) + i, rest), s);
            }

            RowLoops.Store(y + i, rest, F.Canonical(default(F) + s));
        }
    }

    // The taps that count: those of row j are before Ends[j], and not before Ends[j - 1].
    private readonly record struct Table(nint EndsAt, nint IndicesAt, nint WeightsAt, long Rows)
    {
        internal int* Ends => (int*)EndsAt;

        internal long* Indices => (long*)IndicesAt;

        internal float* Weights => (float*)WeightsAt;

        internal static Table Of(KernelRun run, long extent, int taps)
        {
            long rows = run.Call.Inputs[1].Type.Shape[0];
            long* given = run.Contiguous<long>(run.Call.Inputs[1]);
            float* weights = run.Contiguous<float>(run.Call.Inputs[2]);
            int* ends = run.Rent<int>(rows);
            long* indices = run.Rent<long>(rows * taps);
            float* counting = run.Rent<float>(rows * taps);
            int end = 0;
            for (long row = 0; row < rows; row++)
            {
                for (long tap = row * taps; tap < (row + 1) * taps; tap++)
                {
                    if (weights[tap] != 0)
                    {
                        indices[end] = Math.Clamp(given[tap], 0, extent - 1);
                        counting[end++] = weights[tap];
                    }
                }

                ends[row] = end;
            }

            return new Table((nint)ends, (nint)indices, (nint)counting, rows);
        }
    }
}
