using System;

using VerifiableCompute.Engine.Backends;
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

/// <summary>A convolution over exact f32 values: what its shapes decide, made once for a node.</summary>
internal sealed unsafe class Convolution<F>
    where F : unmanaged, IFloats<F>
{
    // Floats of padded windows that a worker holds.
    private const long BandFloats = 1 << 16;

    // Floats of kernels that stay near while positions pass by.
    private const long KernelFloats = 1 << 17;

    // Products that are worth a worker's while, and those of more pieces than there are workers: cutting repeats padding and leaves
    // vectors unfilled.
    private const long LeastProducts = 1 << 17;
    private const long PieceProducts = 1 << 19;

    // Row panels below which columns a plane apart are read where they lie.
    private const long FewPanels = 3;

    private readonly Shape _shape;
    private readonly long _outputs;
    private readonly long _groups;
    private readonly long _groupChannels;
    private readonly long _groupOutputs;
    private readonly WindowLoops _plane;
    private readonly KernelRows<F> _kernels;
    private readonly bool _inPlace;
    private readonly bool _depthwise;
    private readonly Rectangles _cut;
    private readonly long[] _at;

    /// <param name="loops">The window.</param>
    /// <param name="shape">Shape of X.</param>
    /// <param name="w">W [M, C / groups, kernel..].</param>
    /// <param name="groups">Groups.</param>
    /// <param name="workers">Workers.</param>
    internal Convolution(WindowLoops loops, Shape shape, Operand w, long groups, int workers)
    {
        _shape = shape;
        _outputs = w.Type.Shape[0];
        _groups = groups;
        _groupChannels = shape[1] / groups;
        _groupOutputs = _outputs / groups;
        _kernels = new KernelRows<F>(w, groups);
        bool flat = LiesAsRead(loops) && loops.AllTaps == 1;
        _plane = flat ? loops.Flat() : loops;
        _depthwise = _groupChannels == 1 && _groupOutputs <= 2 && loops.AllTaps <= MicroKernel.Block;
        _inPlace = LiesAsRead(loops) && _plane.Output[2] >= F.Lanes && (!flat || _kernels.Panels < FewPanels);
        IsProduct = groups == 1 && LiesAsRead(loops) && loops.OutputPlane == 1 && loops.Plane == loops.AllTaps;
        _cut = _depthwise ? new Rectangles(Depthwise.Band(loops), 1, 1, 1) : Cut(2 * F.Lanes, workers);
        _at = Pinned.Longs(_depthwise ? loops.AllTaps : Depth, Locate);
    }

    /// <summary>One window takes all of X: rows are images then, columns are kernels.</summary>
    internal bool IsProduct { get; }

    private long Depth => _kernels.Depth;

    // No window reaches into the padding or leaves anything out.
    private static bool LiesAsRead(WindowLoops loops)
    {
        bool so = true;
        for (int axis = 0; axis < 3; axis++)
        {
            long reach = loops.Output[axis] + ((loops.Taps[axis] - 1) * loops.Dilation[axis]);
            so &= loops.Pad[axis] == 0 && loops.Stride[axis] == 1 && reach <= loops.Extent[axis];
        }

        return so;
    }

    /// <summary>Computes every output.</summary>
    /// <param name="run">The call.</param>
    /// <param name="x">X [N, C, spatial..], row-major.</param>
    /// <param name="bias">One value for each output channel, or null.</param>
    /// <param name="store">Outputs, one row for each image and output channel; where <see cref="IsProduct"/>, one for each image, with the
    /// bias.</param>
    internal void Run<TStore>(KernelRun run, float* x, float* bias, TStore store)
        where TStore : struct, IStore
    {
        if (IsProduct)
        {
            Factor<F, SingleSource> left = new(new SingleSource(x), new Lines([(_shape[0], Depth)], Depth, 1), _shape[0], 1, null, "images");
            Factor<F, SingleSource> right = _kernels.Columns(run);
            Product.Passes<F, SingleSource, SingleSource, TStore>(run, left, right, 1f, store);
            return;
        }

        float* starts = run.Rent<float>(_outputs);
        for (long output = 0; output < _outputs; output++)
        {
            starts[output] = bias == null ? 0f : bias[output] + 0f;
        }

        Band band = _cut.Band;
        long* at = Pinned.Address(_at);
        if (_depthwise)
        {
            Depthwise.Run<F, TStore>(run, _plane, band, at, x, _shape, _outputs, _groups, _kernels.W(run), starts, store);
            return;
        }

        float* panels = _kernels.Place(run);
        long pitch = _inPlace ? _plane.Extent[2] : band.Pitch;
        long bandFloats = _inPlace ? 0 : (_groupChannels * band.Floats) + Band.Slack;
        long ownFloats = bandFloats + Sweep<F, TStore>.Floats;
        float* scratch = run.Rent<float>(run.Workers * ownFloats);
        long units = _shape[0] * _groups * _plane.Output[0];
        Group? followers = run.Follow();
        run.For(units * _cut.Down * _cut.Along * _cut.Parts, (chunk, worker) =>
        {
            (chunk, long part) = Math.DivRem(chunk, _cut.Parts);
            (chunk, long along) = Math.DivRem(chunk, _cut.Along);
            (chunk, long down) = Math.DivRem(chunk, _cut.Down);
            (chunk, long depth) = Math.DivRem(chunk, _plane.Output[0]);
            (long image, long group) = Math.DivRem(chunk, _groups);
            long row = down * band.Rows;
            long column = along * band.Columns;
            long columns = along == _cut.Along - 1 ? _plane.Output[2] - column : band.Columns;
            Rectangle rectangle = new(depth, row, Math.Min(band.Rows, _plane.Output[1] - row), column, columns);
            float* own = scratch + (worker * ownFloats);
            float* channels = x + (((image * _shape[1]) + (group * _groupChannels)) * _plane.Plane);
            float* windows = own;
            if (_inPlace)
            {
                windows = channels + (((depth * _plane.Extent[1]) + row) * _plane.Extent[2]) + column;
            }
            else
            {
                for (long channel = 0; channel < _groupChannels; channel++)
                {
                    band.Fill(channels + (channel * _plane.Plane), rectangle, _plane.Plane, false, own + (channel * band.Floats));
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
                First = (((depth * _plane.Output[1]) + row) * _plane.Output[2]) + column,
                Width = _plane.Output[2],
                Starts = starts + (group * _groupOutputs),
                Scratch = own + bandFloats,
                InPlace = _inPlace,
            };
            long origin = ((image * _groups) + group) * _groupOutputs;
            long most = Math.Max(1, KernelFloats / Math.Max(1, Depth * WindowKernel.MaxRows<F>()));
            long begun = _kernels.Panels * part / _cut.Parts;
            long end = _kernels.Panels * (part + 1) / _cut.Parts;
            for (long panel = begun; panel < end; panel += most)
            {
                sweep.Run(
                    _kernels.First,
                    panels + (group * _groupOutputs * Depth),
                    panel,
                    Math.Min(end, panel + most),
                    origin,
                    store);
            }

            // Rows of outputs that follow one another are one.
            (long first, long last) = (_kernels.First(begun), _kernels.First(end));
            bool whole = columns == _plane.Output[2];
            for (long i = 0; i < (whole ? 1 : rectangle.Rows); i++)
            {
                long begin = ((origin + first) * _plane.OutputPlane) + sweep.First + (i * _plane.Output[2]);
                followers?.Rows(begin, last - first, _plane.OutputPlane, whole ? columns * rectangle.Rows : columns, worker);
            }
        });
    }

    // Offsets of all k from a position; of the taps alone where there is one channel.
    private void Locate(long* at)
    {
        if (_inPlace && !_depthwise)
        {
            _plane.Locate(at);
        }
        else
        {
            _cut.Band.Locate(at);
        }

        long size = _inPlace ? _plane.Plane : _cut.Band.Floats;
        for (long k = _plane.AllTaps; k < (_depthwise ? _plane.AllTaps : Depth); k++)
        {
            at[k] = at[k - _plane.AllTaps] + size;
        }
    }

    // Rectangles whose windows stay near, enough of them for all workers.
    private Rectangles Cut(long width, int workers)
    {
        long rows = _plane.Output[1];
        long columns = _plane.Output[2];
        long most = _inPlace ? long.MaxValue : BandFloats / Math.Max(1, _groupChannels);
        while (rows > 1 && new Band(_plane, rows, columns).Floats > most)
        {
            rows = (rows + 1) / 2;
        }

        while (columns > 2 * width && new Band(_plane, rows, columns).Floats > most)
        {
            columns = ((columns / 2) + width - 1) / width * width;
        }

        // Work for every worker: in rows or columns while they fill vectors, or else in parts of the kernels.
        long units = _shape[0] * _groups * _plane.Output[0];
        long products = units * Depth * _groupOutputs * _plane.Output[1] * _plane.Output[2];
        long wanted = workers == 1 ? 1 : Math.Clamp(products / PieceProducts, Math.Clamp(products / LeastProducts, 1, workers), workers * 2L);
        long Pieces() => units * Parts(_plane.Output[1], rows) * Parts(_plane.Output[2], columns);
        while (Pieces() < wanted && rows > 1 && rows / 2 * columns >= 4 * width)
        {
            rows = (rows + 1) / 2;
        }

        while (Pieces() < wanted && columns > 4 * width)
        {
            columns = ((columns / 2) + width - 1) / width * width;
        }

        long parts = Math.Clamp(wanted / Math.Max(1, Pieces()), 1, _kernels.Panels);

        // Where X is read as it lies no piece may be shorter than a vector: the last one takes what remains.
        long along = _inPlace ? _plane.Output[2] / columns : Parts(_plane.Output[2], columns);
        return new Rectangles(new Band(_plane, rows, columns), Parts(_plane.Output[1], rows), along, parts);
    }

    private static long Parts(long whole, long part) => (whole + part - 1) / part;

    private sealed record Rectangles(Band Band, long Down, long Along, long Parts);
}
