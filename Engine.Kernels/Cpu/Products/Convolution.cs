using System;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  A convolution over exact f32 values. Rows are kernels, packed once; columns are positions, side by side, and k = (channel within the
//  group, taps row-major) has a constant offset from a position: so windows are never written out. A worker takes a rectangle of outputs,
//  pads the piece of X that it reads so that it stays in the second-level cache (or reads X where it lies), and completes all rows of it.
//
//  Positions of a rectangle are cut into vectors in one of two ways:
//    rows     each row of outputs for itself, its last vector pushed back until it ends with the row; totals go to Y directly
//    line     the whole piece as one line, the elements between two rows computed in vain; totals go to a tile, and from it to Y
//

/// <summary>A convolution over exact f32 values.</summary>
/// <param name="loops">The window.</param>
/// <param name="x">X [N, C, spatial..], row-major.</param>
/// <param name="shape">Shape of X.</param>
/// <param name="outputs">Output channels.</param>
/// <param name="groups">Groups.</param>
internal sealed unsafe class Convolution(WindowLoops loops, float* x, Shape shape, long outputs, long groups)
{
    // Floats of padded windows that a worker holds.
    private const long BandFloats = 1 << 16;

    // Floats of kernels that stay near while positions pass by.
    private const long KernelFloats = 1 << 17;

    // Products that are worth a worker's while.
    private const long LeastProducts = 1 << 16;

    // Row panels below which columns a plane apart are read where they lie.
    private const long FewPanels = 3;

    private readonly long _groupChannels = shape[1] / groups;
    private readonly long _groupOutputs = outputs / groups;

    private long Depth => _groupChannels * loops.AllTaps;

    // No window reaches into the padding or leaves anything out.
    private bool LiesAsRead
    {
        get
        {
            bool so = true;
            for (int axis = 0; axis < 3; axis++)
            {
                long reach = loops.Output[axis] + ((loops.Taps[axis] - 1) * loops.Dilation[axis]);
                so &= loops.Pad[axis] == 0 && loops.Stride[axis] == 1 && reach <= loops.Extent[axis];
            }

            return so;
        }
    }

    /// <summary>Computes every output.</summary>
    /// <param name="run">The call.</param>
    /// <param name="kernels">W [M, C / groups, kernel..] as rows.</param>
    /// <param name="bias">One value for each output channel, or null.</param>
    /// <param name="store">Outputs, one row for each image and output channel.</param>
    internal void Run<F, TStore>(KernelRun run, KernelRows<F> kernels, float* bias, TStore store)
        where F : unmanaged, IFloats<F>
        where TStore : struct, IStore
    {
        float* starts = run.Rent<float>(outputs);
        for (long output = 0; output < outputs; output++)
        {
            starts[output] = bias == null ? 0f : bias[output] + 0f;
        }

        if (_groupChannels == 1 && _groupOutputs <= 2 && loops.AllTaps <= MicroKernel.Block)
        {
            Depthwise.Run<F, TStore>(run, loops, x, shape, outputs, groups, kernels.W(run), starts, store);
            return;
        }

        bool flat = LiesAsRead && loops.AllTaps == 1;
        WindowLoops plane = flat ? loops.Flat() : loops;
        bool inPlace = LiesAsRead && plane.Output[2] >= F.Lanes && (!flat || kernels.Panels < FewPanels);
        Rectangles cut = Cut(plane, 2 * F.Lanes, inPlace, run.Workers);
        Band band = cut.Band;
        long pitch = inPlace ? plane.Extent[2] : band.Pitch;
        long* at = run.Rent<long>(Depth);
        Locate(plane, inPlace ? null : band, at);
        float* panels = kernels.Place(run);
        long bandFloats = inPlace ? 0 : (_groupChannels * band.Floats) + Band.Slack;
        long ownFloats = bandFloats + Sweep<F, TStore>.Floats;
        float* scratch = run.Rent<float>(run.Workers * ownFloats);
        long units = shape[0] * groups * plane.Output[0];
        Group? followers = run.Follow();
        run.For(units * cut.Down * cut.Along * cut.Parts, (chunk, worker) =>
        {
            (chunk, long part) = Math.DivRem(chunk, cut.Parts);
            (chunk, long along) = Math.DivRem(chunk, cut.Along);
            (chunk, long down) = Math.DivRem(chunk, cut.Down);
            (chunk, long depth) = Math.DivRem(chunk, plane.Output[0]);
            (long image, long group) = Math.DivRem(chunk, groups);
            long row = down * band.Rows;
            long column = along * band.Columns;
            long columns = along == cut.Along - 1 ? plane.Output[2] - column : band.Columns;
            Rectangle rectangle = new(depth, row, Math.Min(band.Rows, plane.Output[1] - row), column, columns);
            float* own = scratch + (worker * ownFloats);
            float* channels = x + (((image * shape[1]) + (group * _groupChannels)) * plane.Plane);
            float* windows = own;
            if (inPlace)
            {
                windows = channels + (((depth * plane.Extent[1]) + row) * plane.Extent[2]) + column;
            }
            else
            {
                for (long channel = 0; channel < _groupChannels; channel++)
                {
                    band.Fill(channels + (channel * plane.Plane), rectangle, plane.Plane, false, own + (channel * band.Floats));
                }
            }

            Sweep<F, TStore> sweep = new()
            {
                At = at,
                Depth = Depth,
                Windows = windows,
                Pitch = pitch,
                Rows = rectangle.Rows,
                Columns = columns,
                First = (((depth * plane.Output[1]) + row) * plane.Output[2]) + column,
                Width = plane.Output[2],
                Starts = starts + (group * _groupOutputs),
                Scratch = own + bandFloats,
                InPlace = inPlace,
            };
            long origin = ((image * groups) + group) * _groupOutputs;
            long most = Math.Max(1, KernelFloats / Math.Max(1, Depth * WindowKernel.MaxRows<F>()));
            long begun = kernels.Panels * part / cut.Parts;
            long end = kernels.Panels * (part + 1) / cut.Parts;
            for (long panel = begun; panel < end; panel += most)
            {
                sweep.Run(
                    kernels.First,
                    panels + (group * _groupOutputs * Depth),
                    panel,
                    Math.Min(end, panel + most),
                    origin,
                    store);
            }

            // Rows of outputs that follow one another are one.
            (long first, long last) = (kernels.First(begun), kernels.First(end));
            bool whole = columns == plane.Output[2];
            for (long i = 0; i < (whole ? 1 : rectangle.Rows); i++)
            {
                long begin = ((origin + first) * plane.OutputPlane) + sweep.First + (i * plane.Output[2]);
                followers?.Rows(begin, last - first, plane.OutputPlane, whole ? columns * rectangle.Rows : columns, worker);
            }
        });
    }

    // Offsets of all k from a position.
    private void Locate(WindowLoops plane, Band? band, long* at)
    {
        long taps = plane.AllTaps;
        long size = band?.Floats ?? plane.Plane;
        if (band is not null)
        {
            band.Locate(at);
        }
        else
        {
            plane.Locate(at);
        }

        for (long k = taps; k < Depth; k++)
        {
            at[k] = at[k - taps] + size;
        }
    }

    // Rectangles whose windows stay near, enough of them for all workers.
    private Rectangles Cut(WindowLoops plane, long width, bool inPlace, int workers)
    {
        long rows = plane.Output[1];
        long columns = plane.Output[2];
        long most = inPlace ? long.MaxValue : BandFloats / Math.Max(1, _groupChannels);
        if (!inPlace)
        {
            while (rows > 1 && new Band(plane, rows, columns).Floats > most)
            {
                rows = (rows + 1) / 2;
            }

            while (columns > 2 * width && new Band(plane, rows, columns).Floats > most)
            {
                columns = ((columns / 2) + width - 1) / width * width;
            }
        }

        // Work for every worker, in rows or columns, or else in parts of the kernels.
        long units = shape[0] * groups * plane.Output[0];
        long products = Depth * _groupOutputs * plane.Output[1] * plane.Output[2];
        long wanted = workers == 1 ? 1 : Math.Clamp(units * products / LeastProducts, 1, workers * 3L);
        while (units * Parts(plane.Output[1], rows) * Parts(plane.Output[2], columns) < wanted && rows > 1)
        {
            rows = (rows + 1) / 2;
        }

        while (units * Parts(plane.Output[1], rows) * Parts(plane.Output[2], columns) < wanted && columns > 2 * width)
        {
            columns = ((columns / 2) + width - 1) / width * width;
        }

        // Where X is read as it lies no piece may be shorter than a vector: the last one takes what remains.
        long parts = inPlace ? plane.Output[2] / columns : Parts(plane.Output[2], columns);
        return new Rectangles(new Band(plane, rows, columns), Parts(plane.Output[1], rows), parts, 1);
    }

    private static long Parts(long whole, long part) => (whole + part - 1) / part;

    private sealed record Rectangles(Band Band, long Down, long Along, long Parts);
}
