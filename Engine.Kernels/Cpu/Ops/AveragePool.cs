using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/AveragePool.cs for f32: each lane is one output and adds its taps in row-major order, then divides once. The
//  padding adds +0, which changes nothing: a sum that starts from +0 is never -0. Where a plane has fewer outputs than a vector has lanes,
//  the same window of eight planes is summed at once.
//

/// <summary>The mean of each window.</summary>
internal static unsafe class AveragePool
{
    // Floats of padded windows: near the first-level cache.
    private const long BandFloats = 1 << 12;

    private const long LeastTaps = 1 << 13;

    private const int Planes = 8;

    internal static bool Run<F>(KernelRun run)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        if (operand.Type.DType != DType.F32 || run.Call.Node.Outputs[0].Elements == 0 || run.Keep(Layout.Of) is not { Loops: WindowLoops loops } layout)
        {
            return false;
        }

        float* x = run.Contiguous<float>(operand);
        float* y = run.Output<float>(0);
        float* counts = Pinned.Address(layout.Counts);
        long planes = operand.Type.Shape[0] * operand.Type.Shape[1];
        if (loops.OutputPlane < F.Lanes)
        {
            Across(run, loops, planes, x, counts, y);
            return true;
        }

        Band band = layout.Band!;
        long bands = (loops.Output[1] + band.Rows - 1) / band.Rows;
        long* at = Pinned.Address(layout.At);
        long line = (band.Rows * band.Pitch) + Band.Slack;
        long ownFloats = band.Floats + Band.Slack + line;
        float* scratch = run.Rent<float>(run.Workers * ownFloats);
        long least = Math.Max(1, LeastTaps / (band.Rows * band.Columns * loops.AllTaps));
        run.ForRanges(loops.Output[0] * bands * planes, least, (first, end, worker) =>
        {
            float* windows = scratch + (worker * ownFloats);
            float* sums = windows + band.Floats + Band.Slack;
            long before = -1;
            for (long chunk = first; chunk < end; chunk++)
            {
                (long place, long plane) = Math.DivRem(chunk, planes);
                (long depth, long down) = Math.DivRem(place, bands);
                Rectangle rectangle = new(depth, down * band.Rows, Math.Min(band.Rows, loops.Output[1] - (down * band.Rows)), 0, band.Columns);
                band.Fill(x + (plane * loops.Plane), rectangle, 0, place == before, windows);
                before = place;
                Sum<F>(windows, at, loops.AllTaps, sums, ((rectangle.Rows - 1) * band.Pitch) + band.Columns);
                long origin = ((depth * loops.Output[1]) + rectangle.Row) * band.Columns;
                float* means = y + (plane * loops.OutputPlane) + origin;
                for (long row = 0; row < rectangle.Rows; row++)
                {
                    long at = row * band.Columns;
                    Divide<F>(sums + (row * band.Pitch), counts + origin + at, means + at, band.Columns);
                }
            }
        });
        return true;
    }

    // Number of elements of each window of a plane.
    private static float[] Counts(WindowLoops loops, bool padding)
    {
        float[] counts = GC.AllocateUninitializedArray<float>((int)loops.OutputPlane, pinned: true);
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

    // Sums of a line of windows; whole vectors, those past the end unseen.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<F>(float* windows, long* at, long taps, float* sums, long count)
        where F : unmanaged, IFloats<F>
    {
        for (long i = 0; i < count; i += 2 * F.Lanes)
        {
            F left = default;
            F right = default;
            for (long tap = 0; tap < taps; tap++)
            {
                float* x = windows + i + at[tap];
                left += F.Load(x);
                right += F.Load(x + F.Lanes);
            }

            F.Store(sums + i, left);
            F.Store(sums + i + F.Lanes, right);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Divide<F>(float* sums, float* counts, float* means, long count)
        where F : unmanaged, IFloats<F>
    {
        long i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(means + i, F.Canonical(F.Load(sums + i) / F.Load(counts + i)));
        }

        for (; i < count; i++)
        {
            Floats1.Store(means + i, Floats1.Canonical(Floats1.Load(sums + i) / Floats1.Load(counts + i)));
        }
    }

    private static void Across(KernelRun run, WindowLoops loops, long planes, float* x, float* counts, float* y)
    {
        long least = Math.Max(1, LeastTaps / (Planes * loops.OutputPlane * loops.AllTaps));
        run.ForRanges((planes + Planes - 1) / Planes, least, (first, end, _) =>
        {
            float* sums = stackalloc float[Planes];
            for (long group = first; group < end; group++)
            {
                long plane = group * Planes;
                int there = (int)Math.Min(Planes, planes - plane);
                for (long window = 0; window < loops.OutputPlane; window++)
                {
                    Floats1 count = Floats1.Of(counts[window]);
                    for (int i = 0; i < there; i++)
                    {
                        if (i == 0 || there < Planes)
                        {
                            Sums(loops, window, x + ((plane + i) * loops.Plane), there < Planes ? 0 : loops.Plane, sums);
                        }

                        Floats1 sum = Floats1.Of(sums[there < Planes ? 0 : i]);
                        Floats1.Store(y + ((plane + i) * loops.OutputPlane) + window, Floats1.Canonical(sum / count));
                    }
                }
            }
        });
    }

    // Sums of one window of eight planes, a distance apart.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sums(WindowLoops loops, long window, float* x, long plane, float* sums)
    {
        (long row, long column) = Math.DivRem(window, loops.Output[2]);
        (long depth, row) = Math.DivRem(row, loops.Output[1]);
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        for (long kd = 0; kd < loops.Taps[0]; kd++)
        {
            long d = (depth * loops.Stride[0]) - loops.Pad[0] + (kd * loops.Dilation[0]);
            for (long kh = 0; kh < loops.Taps[1]; kh++)
            {
                long h = (row * loops.Stride[1]) - loops.Pad[1] + (kh * loops.Dilation[1]);
                if ((ulong)d >= (ulong)loops.Extent[0] || (ulong)h >= (ulong)loops.Extent[1])
                {
                    continue;
                }

                float* line = x + (((d * loops.Extent[1]) + h) * loops.Extent[2]);
                long w = (column * loops.Stride[2]) - loops.Pad[2];
                for (long kw = 0; kw < loops.Taps[2]; kw++, w += loops.Dilation[2])
                {
                    if ((ulong)w < (ulong)loops.Extent[2])
                    {
                        float* at = line + w;
                        s0 += at[0];
                        s1 += at[plane];
                        s2 += at[2 * plane];
                        s3 += at[3 * plane];
                        s4 += at[4 * plane];
                        s5 += at[5 * plane];
                        s6 += at[6 * plane];
                        s7 += at[7 * plane];
                    }
                }
            }
        }

        sums[0] = s0;
        sums[1] = s1;
        sums[2] = s2;
        sums[3] = s3;
        sums[4] = s4;
        sums[5] = s5;
        sums[6] = s6;
        sums[7] = s7;
    }

    // What the shapes of a node decide; no loops where its padding is for the definition.
    private sealed record Layout(WindowLoops? Loops, Band? Band, long[] At, float[] Counts)
    {
        internal static readonly Func<KernelRun, Layout> Of = static run =>
        {
            Engine.Ops.AveragePool op = (Engine.Ops.AveragePool)run.Call.Node.Op;
            WindowLoops? loops = WindowLoops.Of(op.Window, run.Call.Inputs[0].Type.Shape);
            if (loops is null || !Band.Suits(loops))
            {
                return new Layout(null, null, [], []);
            }

            Band band = Band.Of(loops, BandFloats);
            return new Layout(loops, band, Pinned.Longs(loops.AllTaps, band.Locate), AveragePool.Counts(loops, op.CountPadding));
        };
    }
}
