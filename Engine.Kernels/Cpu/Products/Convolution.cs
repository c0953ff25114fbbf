using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
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

    // Floats of padded planes that one pass over the images may take, beyond one image.
    private const long PassFloats = 1 << 22;

    private readonly long _groupChannels = shape[1] / groups;
    private readonly long _groupOutputs = outputs / groups;
    private readonly PaddedPlanes _padded = new(loops);

    private long Depth => _groupChannels * loops.AllTaps;

    // Every window is one element, in order: the planes need no other form.
    private bool IsFlat
    {
        get
        {
            bool flat = loops.AllTaps == 1;
            for (int axis = 0; axis < 3; axis++)
            {
                flat &= loops.Pad[axis] == 0 && loops.Stride[axis] == 1 && loops.Output[axis] == loops.Extent[axis];
            }

            return flat;
        }
    }

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
        if (w != null && _groupChannels == 1 && loops.AllTaps <= MicroKernel.Block)
        {
            Depthwise.Run<F, TTotal, TStore>(run, loops, x, shape, outputs, groups, w, store);
            return;
        }

        RowPanels[] rows = kernels.Rows(run, 0, groups);
        if (IsFlat)
        {
            Multiply<F, TTotal, TStore>(run, rows, x, loops.Plane, null, 0, shape[0], store);
            return;
        }

        long* taps = run.Rent<long>(loops.AllTaps);
        _padded.Locate(taps);
        long perImage = shape[1] * _padded.Floats;
        long pass = Math.Clamp(PassFloats / Math.Max(1, perImage), 1, shape[0]);
        float* planes = run.Rent<float>((pass * perImage) + PaddedPlanes.Slack);
        for (long first = 0; first < shape[0]; first += pass)
        {
            long images = Math.Min(pass, shape[0] - first);
            float* from = x + (first * shape[1] * loops.Plane);
            run.ForRanges(images * shape[1], 1, (start, end, _) =>
            {
                for (long plane = start; plane < end; plane++)
                {
                    _padded.Fill(from + (plane * loops.Plane), planes + (plane * _padded.Floats));
                }
            });
            Multiply<F, TTotal, TStore>(run, rows, planes, _padded.Floats, taps, first, images, store);
        }
    }

    private void Multiply<F, TTotal, TStore>(
        KernelRun run, RowPanels[] rows, float* planes, long planeFloats, long* taps, long firstImage, long images, TStore store)
        where F : unmanaged, IFloats<F>
        where TTotal : struct, ITotal
        where TStore : struct, IStore
    {
        int width = 2 * F.Lanes;
        long panels = (loops.OutputPlane + width - 1) / width;
        long units = images * groups;
        long mostAtOnce = Math.Clamp(BandFloats / (width * Math.Max(1, Depth)), 1, PanelsAtOnce);
        long atOnce = Math.Clamp(panels * units / (run.Workers * 4L), 1, mostAtOnce);
        long bands = (panels + atOnce - 1) / atOnce;
        long bandFloats = (atOnce * width * Depth) + PaddedPlanes.Slack;
        long ownFloats = bandFloats + Product.WorkerFloats;
        float* packed = run.Rent<float>(run.Workers * ownFloats);
        Group? followers = run.Follow();
        run.For(units * bands, (chunk, worker) =>
        {
            (long unit, long band) = Math.DivRem(chunk, bands);
            (long image, long group) = Math.DivRem(unit, groups);
            float* own = packed + (worker * ownFloats);
            long from = band * atOnce;
            long to = Math.Min(panels, from + atOnce);
            float* channels = planes + (((image * shape[1]) + (group * _groupChannels)) * planeFloats);
            for (long panel = from; panel < to; panel++)
            {
                float* into = own + ((panel - from) * width * Depth);
                if (taps == null)
                {
                    PackFlat<F>(channels, panel * width, into);
                }
                else
                {
                    Pack<F>(channels, taps, panel * width, into);
                }
            }

            // The panels of the band, addressed as if all of them were there.
            ColumnPanels columns = ColumnPanels.Packed(own - (from * width * Depth), loops.OutputPlane, Depth, width);
            long origin = ((firstImage + image) * outputs) + (group * _groupOutputs);
            Product.Multiply<F, TTotal, TStore>(rows[group], 0, rows[group].Panels, columns, from, to, origin, 1f, store, own + bandFloats);
            followers?.Rows(
                (origin * loops.OutputPlane) + (from * width),
                rows[group].Rows,
                loops.OutputPlane,
                Math.Min(to * width, loops.OutputPlane) - (from * width),
                worker);
        });
    }

    // Neighbouring elements of every channel; those past the end of the plane stay unseen.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackFlat<F>(float* plane, long first, float* to)
        where F : unmanaged, IFloats<F>
    {
        int width = 2 * F.Lanes;
        long there = Math.Min(width, loops.Plane - first);
        for (long channel = 0; channel < _groupChannels; channel++)
        {
            float* from = plane + (channel * loops.Plane) + first;
            if (there == width)
            {
                F.Store(to, F.Load(from));
                F.Store(to + F.Lanes, F.Load(from + F.Lanes));
            }
            else
            {
                for (int column = 0; column < width; column++)
                {
                    to[column] = column < there ? from[column] : 0f;
                }
            }

            to += width;
        }
    }

    // Windows of one panel, one piece for each row of outputs that it touches. A piece is stored as whole vectors: what it writes too
    // much is overwritten by the next piece, or by the next k.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack<F>(float* channels, long* taps, long first, float* to)
        where F : unmanaged, IFloats<F>
    {
        int width = 2 * F.Lanes;
        long* places = stackalloc long[width];
        int* columns = stackalloc int[width];
        int pieces = 0;
        for (int column = 0; column < width && first + column < loops.OutputPlane;)
        {
            (long row, long at) = Math.DivRem(first + column, loops.Output[2]);
            places[pieces] = _padded.Row(row) + at;
            columns[pieces++] = column;
            column += (int)Math.Min(width, loops.Output[2] - at);
        }

        long allTaps = loops.AllTaps;
        for (long channel = 0; channel < _groupChannels; channel++)
        {
            float* plane = channels + (channel * _padded.Floats);
            for (long tap = 0; tap < allTaps; tap++)
            {
                float* window = plane + taps[tap];
                for (int piece = 0; piece < pieces; piece++)
                {
                    float* from = window + places[piece];
                    float* into = to + columns[piece];
                    F.Store(into, F.Load(from));
                    F.Store(into + F.Lanes, F.Load(from + F.Lanes));
                }

                to += width;
            }
        }
    }
}
