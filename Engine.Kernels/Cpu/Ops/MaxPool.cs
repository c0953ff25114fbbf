using System;
using System.Numerics;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/MaxPool.cs for f32, u8 and i8 with row-major indices: taps in row-major order, a later one must beat the best.
//

/// <summary>The largest element of each window, and where it is.</summary>
internal static unsafe class MaxPool
{
    private const long LeastWindows = 1024;

    internal static bool Run(KernelRun run, Engine.Ops.MaxPool op)
    {
        if (op.ColumnMajor)
        {
            return false;
        }

        return run.Call.Inputs[0].Type.DType switch
        {
            DType.F32 => Run<float>(run, op, float.NegativeInfinity),
            DType.U8 => Run<byte>(run, op, byte.MinValue),
            DType.I8 => Run<sbyte>(run, op, sbyte.MinValue),
            _ => false,
        };
    }

    private static bool Run<T>(KernelRun run, Engine.Ops.MaxPool op, T least)
        where T : unmanaged, INumber<T>
    {
        Operand operand = run.Call.Inputs[0];
        WindowLoops? loops = WindowLoops.Of(op.Window, operand.Type.Shape);
        if (loops is null || run.Call.Node.Outputs[0].Elements == 0)
        {
            return false;
        }

        T* x = run.Contiguous<T>(operand);
        T* y = run.Output<T>(0);
        long* indices = run.Output<long>(1);
        long planes = operand.Type.Shape[0] * operand.Type.Shape[1];
        long rows = loops.Output[0] * loops.Output[1];
        run.ForRanges(planes * rows, Math.Max(1, LeastWindows / Math.Max(1, loops.Output[2])), (first, end, _) =>
        {
            for (long row = first; row < end; row++)
            {
                (long plane, long inPlane) = Math.DivRem(row, rows);
                long at = row * loops.Output[2];
                Row(loops, x, plane * loops.Plane, inPlane, least, y + at, indices + at);
            }
        });
        return true;
    }

    private static void Row<T>(WindowLoops loops, T* x, long plane, long row, T least, T* y, long* indices)
        where T : unmanaged, INumber<T>
    {
        (long d, long h) = Math.DivRem(row, loops.Output[1]);
        (long fromD, long toD) = loops.Inside(0, d);
        (long fromH, long toH) = loops.Inside(1, h);
        long step = loops.Dilation[2];
        for (long w = 0; w < loops.Output[2]; w++)
        {
            (long fromW, long toW) = loops.Inside(2, w);
            T best = least;
            long index = -1;
            for (long kd = fromD; kd < toD; kd++)
            {
                long atD = (loops.First(0, d) + (kd * loops.Dilation[0])) * loops.Extent[1];
                for (long kh = fromH; kh < toH; kh++)
                {
                    long line = plane + ((atD + loops.First(1, h) + (kh * loops.Dilation[1])) * loops.Extent[2]) + loops.First(2, w);
                    for (long kw = fromW; kw < toW; kw++)
                    {
                        long at = line + (kw * step);
                        if (index < 0 || Above(x[at], best))
                        {
                            best = x[at];
                            index = at;
                        }
                    }
                }
            }

            y[w] = typeof(T) == typeof(float) ? (T)(object)Real.Canonical((float)(object)best) : best;
            indices[w] = index;
        }
    }

    // Whether a beats b: NaN beats all but NaN, +0 beats −0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Above<T>(T a, T b)
        where T : unmanaged, INumber<T>
        => a > b || (!T.IsNaN(b) && (T.IsNaN(a) || (T.IsZero(a) && T.IsZero(b) && T.IsNegative(b) && !T.IsNegative(a))));
}
