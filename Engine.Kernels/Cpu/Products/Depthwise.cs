using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  Convolutions whose groups have one input channel and at most 256 taps: one block. Each lane is one output of a row and walks the taps
//  in ascending order over the padded plane.
//

/// <summary>Convolutions of single channels.</summary>
internal static unsafe class Depthwise
{
    internal static void Run<F, TTotal, TStore>(
        KernelRun run, WindowLoops loops, float* x, Shape shape, long outputs, long groups, float* w, TStore store)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
        where TStore : struct, IStore
    {
        PaddedPlanes planes = new(loops);
        long taps = loops.AllTaps;
        long* offsets = run.Rent<long>(taps);
        planes.Locate(offsets);
        int count = (int)loops.Output[2];
        long rowFloats = (count + (2L * F.Lanes) + 15) & ~15L;
        long ownFloats = planes.Floats + PaddedPlanes.Slack + rowFloats;
        float* scratch = run.Rent<float>(run.Workers * ownFloats);
        long perGroup = outputs / groups;
        long rows = loops.Output[0] * loops.Output[1];
        Group? followers = run.Follow();
        run.For(shape[0] * groups, (unit, worker) =>
        {
            (long image, long group) = Math.DivRem(unit, groups);
            float* padded = scratch + (worker * ownFloats);
            float* totals = padded + planes.Floats + PaddedPlanes.Slack;
            planes.Fill(x + (unit * loops.Plane), padded);
            for (long output = group * perGroup; output < (group + 1) * perGroup; output++)
            {
                long channel = (image * outputs) + output;
                for (long row = 0; row < rows; row++)
                {
                    if (!store.Fresh)
                    {
                        store.Begin(channel, row * count, 1, count, totals, rowFloats);
                    }

                    Row<F, TTotal>(padded + planes.Row(row), offsets, taps, w + (output * taps), totals, count, store.Fresh);
                    store.End(channel, row * count, 1, count, totals, rowFloats);
                }
            }

            long first = ((image * outputs) + (group * perGroup)) * loops.OutputPlane;
            followers?.Range(first, first + (perGroup * loops.OutputPlane), worker);
        });
    }

    // Totals of one row of outputs; whole vectors, those past the end unseen.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<F, TTotal>(float* line, long* offsets, long taps, float* w, float* row, int count, bool fresh)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
    {
        F one = F.Of(1f);
        for (int at = 0; at < count; at += 2 * F.Lanes)
        {
            F left = default;
            F right = default;
            for (long tap = 0; tap < taps; tap++)
            {
                float* values = line + offsets[tap] + at;
                F factor = F.Of(w[tap]);
                left = F.Fma(F.Load(values), factor, left);
                right = F.Fma(F.Load(values + F.Lanes), factor, right);
            }

            F.Store(row + at, TTotal.Finish(TTotal.Add(fresh ? default : F.Load(row + at), left, one)));
            F.Store(row + at + F.Lanes, TTotal.Finish(TTotal.Add(fresh ? default : F.Load(row + at + F.Lanes), right, one)));
        }
    }
}
