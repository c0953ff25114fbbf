using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/AveragePool.cs for f32: each lane is one output and adds its taps in row-major order, then divides once. The
//  padding adds +0, which changes nothing: a sum that starts from +0 is never -0.
//

/// <summary>The mean of each window.</summary>
internal static unsafe class AveragePool
{
    internal static bool Run<F>(KernelRun run, Engine.Ops.AveragePool op)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        WindowLoops? loops = WindowLoops.Of(op.Window, operand.Type.Shape);
        bool suits = operand.Type.DType == DType.F32 && loops is not null && run.Call.Node.Outputs[0].Elements > 0;
        if (!suits || !PaddedPlanes.Suits(loops!))
        {
            return false;
        }

        PaddedPlanes planes = new(loops!);
        float* x = run.Contiguous<float>(operand);
        float* y = run.Output<float>(0);
        long* taps = run.Rent<long>(loops!.AllTaps);
        planes.Locate(taps);
        int count = (int)loops.Output[2];
        long rows = loops.Output[0] * loops.Output[1];
        float* counts = Counts(run, loops, op.CountPadding);
        long ownFloats = planes.Floats + PaddedPlanes.Slack;
        float* scratch = run.Rent<float>(run.Workers * ownFloats);
        run.For(operand.Type.Shape[0] * operand.Type.Shape[1], (plane, worker) =>
        {
            float* padded = scratch + (worker * ownFloats);
            planes.Fill(x + (plane * loops.Plane), padded);
            for (long row = 0; row < rows; row++)
            {
                float* means = y + (((plane * rows) + row) * count);
                Row<F>(padded + planes.Row(row), taps, loops.AllTaps, counts + (row * count), means, count);
            }
        });
        return true;
    }

    // Number of elements of each window of a plane.
    private static float* Counts(KernelRun run, WindowLoops loops, bool padding)
    {
        float* counts = run.Rent<float>(loops.OutputPlane);
        long[][] along = new long[3][];
        for (int axis = 0; axis < 3; axis++)
        {
            along[axis] = new long[loops.Output[axis]];
            for (long output = 0; output < along[axis].Length; output++)
            {
                along[axis][output] = loops.Counted(axis, output, padding);
            }
        }

        for (long window = 0; window < loops.OutputPlane; window++)
        {
            (long row, long w) = Math.DivRem(window, loops.Output[2]);
            (long d, long h) = Math.DivRem(row, loops.Output[1]);
            counts[window] = along[0][d] * along[1][h] * along[2][w];
        }

        return counts;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<F>(float* line, long* taps, long allTaps, float* counts, float* y, int count)
        where F : unmanaged, IFloats<F>
    {
        int w = 0;
        for (; w <= count - F.Lanes; w += F.Lanes)
        {
            F.Store(y + w, Mean(line + w, taps, allTaps, F.Load(counts + w)));
        }

        for (; w < count; w++)
        {
            Floats1.Store(y + w, Mean(line + w, taps, allTaps, Floats1.Load(counts + w)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Mean<F>(float* window, long* taps, long allTaps, F count)
        where F : unmanaged, IFloats<F>
    {
        F sum = default;
        for (long tap = 0; tap < allTaps; tap++)
        {
            sum += F.Load(window + taps[tap]);
        }

        return F.Canonical(sum / count);
    }
}
