using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  Convolutions whose groups have one input channel and at most 256 taps: one block. Each lane is one output and walks the taps in
//  ascending order; four vectors of positions at a time keep the multipliers busy. Where rows are shorter than a vector the whole piece is
//  one line, elements between rows computed in vain, and rows are brought to Y from it.
//

/// <summary>Convolutions of single channels.</summary>
internal static unsafe class Depthwise
{
    // Floats of padded windows: near the first-level cache.
    private const long BandFloats = 1 << 13;

    private const long LeastOutputs = 1 << 12;

    /// <summary>The bands in which planes are walked.</summary>
    internal static Band Band(WindowLoops loops) => Products.Band.Of(loops, BandFloats);

    internal static void Run<F, TStore>(
        KernelRun run,
        WindowLoops loops,
        Band band,
        long* at,
        float* x,
        Shape shape,
        long outputs,
        long groups,
        float* w,
        float* starts,
        TStore store)
        where F : unmanaged, IFloats<F>
        where TStore : struct, IStore
    {
        long rows = band.Rows;
        long taps = loops.AllTaps;
        long bandFloats = band.Floats + Products.Band.Slack;
        long ownFloats = bandFloats + (rows * band.Pitch) + Products.Band.Slack;
        float* scratch = run.Rent<float>(run.Workers * ownFloats);
        long perGroup = outputs / groups;
        long bands = (loops.Output[1] + rows - 1) / rows;
        long units = shape[0] * groups;
        long least = Math.Max(1, LeastOutputs / (perGroup * rows * loops.Output[2]));
        Group? followers = run.Follow();
        run.ForRanges(loops.Output[0] * bands * units, least, (first, end, worker) =>
        {
            float* windows = scratch + (worker * ownFloats);
            float* line = windows + bandFloats;
            long before = -1;
            for (long chunk = first; chunk < end; chunk++)
            {
                (long place, long unit) = Math.DivRem(chunk, units);
                (long depth, long down) = Math.DivRem(place, bands);
                (long image, long group) = Math.DivRem(unit, groups);
                Rectangle rectangle = new(depth, down * rows, Math.Min(rows, loops.Output[1] - (down * rows)), 0, band.Columns);
                band.Fill(x + (unit * loops.Plane), rectangle, 0, place == before, windows);
                before = place;
                long origin = ((depth * loops.Output[1]) + rectangle.Row) * band.Columns;
                for (long output = group * perGroup; output < (group + 1) * perGroup; output++)
                {
                    long channel = (image * outputs) + output;
                    Channel<F, TStore>(
                        windows, band, rectangle.Rows, at, taps, w + (output * taps), F.Of(starts[output]), channel, origin, line, store);
                    long made = (channel * loops.OutputPlane) + origin;
                    followers?.Range(made, made + (rectangle.Rows * band.Columns), worker);
                }
            }
        });
    }

    private static void Channel<F, TStore>(
        float* windows, Band band, long rows, long* at, long taps, float* w, F start, long channel, long origin, float* line, TStore store)
        where F : unmanaged, IFloats<F>
        where TStore : struct, IStore
    {
        long columns = band.Columns;
        float* y = store.Place(channel, origin, out _);
        if (y != null && columns >= F.Lanes)
        {
            Positions<F>(windows, band.Pitch, rows, columns, at, taps, w, start, y, columns);
            return;
        }

        Positions<F>(windows, band.Pitch, 1, ((rows - 1) * band.Pitch) + columns, at, taps, w, start, line, 0);
        if (y != null)
        {
            Products.Band.Gather(line, band.Pitch, y, columns, rows);
            return;
        }

        for (long row = 0; row < rows; row++)
        {
            store.End(channel, origin + (row * columns), 1, (int)columns, line + (row * band.Pitch), 0);
        }
    }

    // Totals of some rows of positions. The last vector of a row is pushed back until it ends with the row, if a row has as much.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Positions<F>(
        float* windows, long pitch, long rows, long columns, long* at, long taps, float* w, F start, float* to, long toPitch)
        where F : unmanaged, IFloats<F>
    {
        long last = Math.Max(0, columns - F.Lanes);
        long column = 0;
        while (rows > 0)
        {
            Next<F>(ref windows, pitch, ref rows, ref column, columns, last, ref to, toPitch, out float* p0, out float* t0);
            Next<F>(ref windows, pitch, ref rows, ref column, columns, last, ref to, toPitch, out float* p1, out float* t1);
            Next<F>(ref windows, pitch, ref rows, ref column, columns, last, ref to, toPitch, out float* p2, out float* t2);
            Next<F>(ref windows, pitch, ref rows, ref column, columns, last, ref to, toPitch, out float* p3, out float* t3);
            F s0 = default;
            F s1 = default;
            F s2 = default;
            F s3 = default;
            for (long tap = 0; tap < taps; tap++)
            {
                F factor = F.Of(w[tap]);
                long offset = at[tap];
                s0 = F.Fma(F.Load(p0 + offset), factor, s0);
                s1 = F.Fma(F.Load(p1 + offset), factor, s1);
                s2 = F.Fma(F.Load(p2 + offset), factor, s2);
                s3 = F.Fma(F.Load(p3 + offset), factor, s3);
            }

            F.Store(t0, F.Canonical(start + s0));
            F.Store(t1, F.Canonical(start + s1));
            F.Store(t2, F.Canonical(start + s2));
            F.Store(t3, F.Canonical(start + s3));
        }
    }

    // The next vector of positions, and where its totals go; the last one again where there is none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Next<F>(
        ref float* windows, long pitch, ref long rows, ref long column, long columns, long last, ref float* to, long toPitch, out float* from, out float* into)
        where F : unmanaged, IFloats<F>
    {
        long place = Math.Min(column, last);
        from = windows + place;
        into = to + place;
        column += F.Lanes;
        if (column < columns)
        {
            return;
        }

        // Past the end of everything, rows stays 0 or below and the last vector is made again.
        rows--;
        column = rows > 0 ? 0 : last;
        windows += rows > 0 ? pitch : 0;
        to += rows > 0 ? toPitch : 0;
    }
}
