using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  Convolutions whose groups have one input channel, in one or two spatial dimensions. A plane is copied once into a padded buffer whose
//  rows are split by phase, so that a vector of neighbouring outputs always reads neighbouring values:
//
//    stride 2     x0 x1 x2 x3 x4 x5      ->     phase 0: x0 x2 x4 …     phase 1: x1 x3 x5 …
//
//  Each lane is one output and walks the taps in ascending order; at most 256 taps, so one block.
//

/// <summary>Convolutions of single channels.</summary>
internal static unsafe class Depthwise
{
    // Floats of a padded plane up to which this pays.
    private const long LargestPlane = 1 << 20;

    /// <summary>Whether a window is one for this kernel: at most two dimensions, one block of taps, a padded plane of moderate size.</summary>
    internal static bool Takes(WindowLoops loops)
        => loops.Taps[0] == 1 && loops.Extent[0] == 1 && loops.Output[0] == 1 && loops.Pad[0] == 0 && loops.AllTaps <= MicroKernel.Block
        && (Int128)Height(loops) * Width(loops) <= LargestPlane;

    internal static void Run<F, TTotal, TStore>(
        KernelRun run, WindowLoops loops, float* x, Shape shape, long outputs, long groups, float* w, TStore store)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
        where TStore : struct, IStore
    {
        long phases = loops.Stride[2];
        long height = Height(loops);
        long reach = loops.Output[2] + ((loops.Taps[2] - 1) * loops.Dilation[2] / phases) + 1;
        long length = (reach + (2L * F.Lanes) + 15) & ~15L;
        long rowFloats = (loops.Output[2] + (2L * F.Lanes) + 15) & ~15L;
        long taps = loops.AllTaps;
        long bufferFloats = (height * phases * length) + rowFloats + (2 * taps);
        float* buffers = run.Rent<float>(run.Workers * bufferFloats);
        long perGroup = outputs / groups;
        run.For(shape[0] * groups, (unit, worker) =>
        {
            (long image, long group) = Math.DivRem(unit, groups);
            float* padded = buffers + (worker * bufferFloats);
            float* row = padded + (height * phases * length);
            long* offsets = (long*)(row + rowFloats);
            Locate(loops, phases, length, offsets);
            Pad(loops, x + (unit * loops.Plane), padded, height, phases, length);
            for (long output = group * perGroup; output < (group + 1) * perGroup; output++)
            {
                for (long h = 0; h < loops.Output[1]; h++)
                {
                    long at = (image * outputs) + output;
                    int count = (int)loops.Output[2];
                    if (!store.Fresh)
                    {
                        store.Begin(at, h * count, 1, count, row, rowFloats);
                    }

                    float* line = padded + (h * loops.Stride[1] * phases * length);
                    Row<F, TTotal>(line, offsets, taps, w + (output * taps), row, count, store.Fresh);
                    store.End(at, h * count, 1, count, row, rowFloats);
                }
            }
        });
    }

    private static long Height(WindowLoops loops)
        => ((loops.Output[1] - 1) * loops.Stride[1]) + ((loops.Taps[1] - 1) * loops.Dilation[1]) + 1;

    private static long Width(WindowLoops loops)
        => ((loops.Output[2] + 1) * loops.Stride[2]) + ((loops.Taps[2] - 1) * loops.Dilation[2]) + 1;

    private static void Pad(WindowLoops loops, float* plane, float* to, long height, long phases, long length)
    {
        new Span<float>(to, checked((int)(height * phases * length))).Clear();
        for (long row = 0; row < height; row++)
        {
            long h = row - loops.Pad[1];
            if (h < 0 || h >= loops.Extent[1])
            {
                continue;
            }

            float* line = plane + (h * loops.Extent[2]);
            float* into = to + (row * phases * length);
            for (long phase = 0; phase < phases; phase++)
            {
                for (long i = 0; i < length; i++)
                {
                    long at = (i * phases) + phase - loops.Pad[2];
                    if (at >= 0 && at < loops.Extent[2])
                    {
                        into[(phase * length) + i] = line[at];
                    }
                }
            }
        }
    }

    // Where each tap of the first window lies in the padded buffer.
    private static void Locate(WindowLoops loops, long phases, long length, long* offsets)
    {
        for (long kh = 0; kh < loops.Taps[1]; kh++)
        {
            for (long kw = 0; kw < loops.Taps[2]; kw++)
            {
                (long whole, long phase) = Math.DivRem(kw * loops.Dilation[2], phases);
                *offsets++ = (((kh * loops.Dilation[1] * phases) + phase) * length) + whole;
            }
        }
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
