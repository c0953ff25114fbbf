using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/AveragePool.cs for f32: sequential over the taps inside, row-major, then one division. Not the fold.
//

/// <summary>The mean of each window.</summary>
internal static unsafe class AveragePool
{
    private const long LeastWindows = 1024;

    internal static bool Run(KernelRun run, Engine.Ops.AveragePool op)
    {
        Operand operand = run.Call.Inputs[0];
        WindowLoops? loops = WindowLoops.Of(op.Window, operand.Type.Shape);
        if (operand.Type.DType != DType.F32 || loops is null || run.Call.Node.Outputs[0].Elements == 0)
        {
            return false;
        }

        float* x = run.Contiguous<float>(operand);
        float* y = run.Output<float>(0);
        long rows = loops.Output[0] * loops.Output[1];
        long planes = operand.Type.Shape[0] * operand.Type.Shape[1];
        run.ForRanges(planes * rows, Math.Max(1, LeastWindows / Math.Max(1, loops.Output[2])), (first, end, _) =>
        {
            for (long row = first; row < end; row++)
            {
                (long plane, long inPlane) = Math.DivRem(row, rows);
                Row(loops, x + (plane * loops.Plane), inPlane, op.CountPadding, y + (row * loops.Output[2]));
            }
        });
        return true;
    }

    private static void Row(WindowLoops loops, float* x, long row, bool countPadding, float* y)
    {
        (long d, long h) = Math.DivRem(row, loops.Output[1]);
        (long fromD, long toD) = loops.Inside(0, d);
        (long fromH, long toH) = loops.Inside(1, h);
        long countedRows = countPadding ? loops.Counted(0, d) * loops.Counted(1, h) : 0;
        for (long w = 0; w < loops.Output[2]; w++)
        {
            (long fromW, long toW) = loops.Inside(2, w);
            float sum = 0;
            for (long kd = fromD; kd < toD; kd++)
            {
                long atD = (loops.First(0, d) + (kd * loops.Dilation[0])) * loops.Extent[1];
                for (long kh = fromH; kh < toH; kh++)
                {
                    float* line = x + ((atD + loops.First(1, h) + (kh * loops.Dilation[1])) * loops.Extent[2]) + loops.First(2, w);
                    for (long kw = fromW; kw < toW; kw++)
                    {
                        sum += line[kw * loops.Dilation[2]];
                    }
                }
            }

            long count = countPadding ? countedRows * loops.Counted(2, w) : (toD - fromD) * (toH - fromH) * (toW - fromW);
            y[w] = Real.Canonical(sum / count);
        }
    }
}
