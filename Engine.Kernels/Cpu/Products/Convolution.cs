using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>A convolution over exact f32 values: a product of the kernels (rows, packed once) and the windows (columns, packed panel by
/// panel as the workers reach them, padding as +0). k = (channel within the group, taps row-major).</summary>
/// <param name="loops">The window.</param>
/// <param name="x">X [N, C, spatial..], row-major.</param>
/// <param name="shape">Shape of X.</param>
/// <param name="outputs">Output channels.</param>
/// <param name="groups">Groups.</param>
internal sealed unsafe class Convolution(WindowLoops loops, float* x, Shape shape, long outputs, long groups)
{
    // Panels of windows that share the kernels while they are near.
    private const long PanelsAtOnce = 4;

    // Floats of packed windows that a worker may hold, beyond one panel.
    private const long BandFloats = 1 << 19;

    private readonly long _groupChannels = shape[1] / groups;
    private readonly long _groupOutputs = outputs / groups;

    private long Depth => _groupChannels * loops.AllTaps;

    /// <summary>Computes every output.</summary>
    /// <param name="run">The call.</param>
    /// <param name="kernels">W [M, C / groups, kernel..] as rows.</param>
    /// <param name="w">The same, row-major, or null where it is not at hand as f32.</param>
    /// <param name="store">Outputs, one row for each image and output channel.</param>
    internal void Run<F, TTotal, TSource, TStore>(KernelRun run, Factor<F, TSource> kernels, float* w, TStore store)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
        where TSource : struct, ISource
        where TStore : struct, IStore
    {
        if (shape[0] * outputs * loops.OutputPlane == 0)
        {
            return;
        }

        if (w != null && _groupChannels == 1 && Depthwise.Takes(loops))
        {
            Depthwise.Run<F, TTotal, TStore>(run, loops, x, shape, outputs, groups, w, store);
            return;
        }

        RowPanels[] rows = kernels.Rows(run, 0, groups);
        int width = 2 * F.Lanes;
        long panels = (loops.OutputPlane + width - 1) / width;
        long units = shape[0] * groups;
        long atOnce = Math.Clamp(panels * units / (run.Workers * 4L), 1, Math.Clamp(BandFloats / (width * Depth), 1, PanelsAtOnce));
        long bands = (panels + atOnce - 1) / atOnce;
        long bandFloats = atOnce * width * Depth;
        float* packed = run.Rent<float>(run.Workers * (bandFloats + Product.WorkerFloats));
        run.For(units * bands, (chunk, worker) =>
        {
            (long unit, long band) = Math.DivRem(chunk, bands);
            (long image, long group) = Math.DivRem(unit, groups);
            float* own = packed + (worker * (bandFloats + Product.WorkerFloats));
            long from = band * atOnce;
            long to = Math.Min(panels, from + atOnce);
            float* plane = x + (((image * shape[1]) + (group * _groupChannels)) * loops.Plane);
            for (long panel = from; panel < to; panel++)
            {
                Pack<F>(plane, panel * width, width, own + ((panel - from) * width * Depth));
            }

            // The panels of the band, addressed as if all of them were there.
            ColumnPanels columns = ColumnPanels.Packed(own - (from * width * Depth), loops.OutputPlane, Depth, width);
            RowPanels its = rows[group];
            Product.Multiply<F, TTotal, TStore>(
                its, 0, its.Panels, columns, from, to, (image * outputs) + (group * _groupOutputs), 1f, store, own + bandFloats);
        });
    }

    // Windows first … first + width − 1 of one group of one image as [k][width]; those past the end repeat the last, unseen.
    private void Pack<F>(float* plane, long first, int width, float* to)
        where F : unmanaged, IFloats<F>
    {
        long* offsets = stackalloc long[width];
        long* starts = stackalloc long[3 * width];
        for (int column = 0; column < width; column++)
        {
            long window = Math.Min(first + column, loops.OutputPlane - 1);
            (window, long w) = Math.DivRem(window, loops.Output[2]);
            (long d, long h) = Math.DivRem(window, loops.Output[1]);
            starts[column] = loops.First(0, d);
            starts[width + column] = loops.First(1, h);
            starts[(2 * width) + column] = loops.First(2, w);
        }

        long tap = 0;
        for (long kd = 0; kd < loops.Taps[0]; kd++)
        {
            for (long kh = 0; kh < loops.Taps[1]; kh++)
            {
                for (long kw = 0; kw < loops.Taps[2]; kw++)
                {
                    Locate(starts, width, kd * loops.Dilation[0], kh * loops.Dilation[1], kw * loops.Dilation[2], offsets);
                    PackTap<F>(plane, offsets, to + (tap * width), width);
                    tap++;
                }
            }
        }
    }

    // Offset in the plane of one tap of each window, −1 in the padding.
    private void Locate(long* starts, int width, long atD, long atH, long atW, long* offsets)
    {
        for (int column = 0; column < width; column++)
        {
            long d = starts[column] + atD;
            long h = starts[width + column] + atH;
            long w = starts[(2 * width) + column] + atW;
            bool inside = (ulong)d < (ulong)loops.Extent[0] && (ulong)h < (ulong)loops.Extent[1] && (ulong)w < (ulong)loops.Extent[2];
            offsets[column] = inside ? (((d * loops.Extent[1]) + h) * loops.Extent[2]) + w : -1;
        }
    }

    // One tap of every channel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackTap<F>(float* plane, long* offsets, float* to, int width)
        where F : unmanaged, IFloats<F>
    {
        bool together = offsets[0] >= 0;
        bool whole = true;
        for (int column = 0; column < width; column++)
        {
            together &= offsets[column] == offsets[0] + column;
            whole &= offsets[column] >= 0;
        }

        long step = loops.AllTaps * width;
        for (long channel = 0; channel < _groupChannels; channel++)
        {
            if (together)
            {
                F.Store(to, F.Load(plane + offsets[0]));
                F.Store(to + F.Lanes, F.Load(plane + offsets[0] + F.Lanes));
            }
            else if (whole)
            {
                for (int column = 0; column < width; column++)
                {
                    to[column] = plane[offsets[column]];
                }
            }
            else
            {
                for (int column = 0; column < width; column++)
                {
                    to[column] = offsets[column] >= 0 ? plane[offsets[column]] : 0f;
                }
            }

            plane += loops.Plane;
            to += step;
        }
    }
}
