using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>A sliding window over the spatial axes of X [N, C, spatial..]: one entry a spatial axis in each list. What lies outside X is
/// padding.</summary>
/// <param name="Kernel">Taps.</param>
/// <param name="Strides">Steps between windows, at least 1.</param>
/// <param name="Dilations">Steps between taps, at least 1.</param>
/// <param name="PadsBegin">Padding before the first element.</param>
/// <param name="PadsEnd">Padding after the last element (it counts where padding is counted).</param>
/// <param name="Output">Number of windows: fixed here, since rounding modes differ between models.</param>
public sealed record Window(
    ImmutableArray<long> Kernel,
    ImmutableArray<long> Strides,
    ImmutableArray<long> Dilations,
    ImmutableArray<long> PadsBegin,
    ImmutableArray<long> PadsEnd,
    ImmutableArray<long> Output)
{
    // Extents and pads of this size never overflow a coordinate.
    private const long Largest = 1L << 31;

    /// <summary>Number of taps of a window.</summary>
    public long Taps => Kernel.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Number of spatial axes.</summary>
    public int Axes => Kernel.Length;

    internal ImmutableArray<OpAttribute> Attributes =>
    [
        new("kernel", Kernel), new("strides", Strides), new("dilations", Dilations),
        new("pads_begin", PadsBegin), new("pads_end", PadsEnd), new("output", Output),
    ];

    /// <summary>This window, if every list has one entry in its range for each spatial axis.</summary>
    /// <exception cref="ArgumentException">It has not.</exception>
    internal Window Sensible() => IsSensible() ? this : throw Error.WindowLists();

    /// <summary>The shape of the output of a window op with the given batch and channels.</summary>
    internal Shape OutputShape(long batch, long channels) => new([batch, channels, .. Output]);

    /// <summary>Where in X the first tap of a window lies.</summary>
    /// <param name="index">The window, row-major over the output's spatial axes.</param>
    /// <param name="position">Filled with one coordinate a spatial axis; before 0 in the padding.</param>
    internal void MoveTo(long index, Span<long> position)
    {
        for (int axis = Axes - 1; axis >= 0; axis--)
        {
            (index, long i) = Math.DivRem(index, Output[axis]);
            position[axis] = (i * Strides[axis]) - PadsBegin[axis];
        }
    }

    /// <summary>The taps of one axis whose coordinates are at least <paramref name="low"/> and below <paramref name="high"/>.</summary>
    internal (long First, long Count) TapsWithin(int axis, long position, long low, long high)
    {
        long step = Dilations[axis];
        long first = position >= low ? 0 : (low - position + step - 1) / step;
        long end = position >= high ? 0 : Math.Min(Kernel[axis], ((high - 1 - position) / step) + 1);
        return first < end ? (first, end - first) : (0, 0);
    }

    /// <summary>What the windows of a box of output positions cover of X: along each axis one span around all of them, or one for each where
    /// that is less.</summary>
    /// <param name="outer">Extents along batch and channels.</param>
    /// <param name="positions">Extents of the box of output positions.</param>
    /// <param name="x">Shape of X.</param>
    internal Footprint Footprint(ImmutableArray<long> outer, ReadOnlySpan<long> positions, Shape x)
    {
        long count = 1;
        long[] box = [.. outer, .. positions];
        for (int axis = 0; axis < Axes; axis++)
        {
            long extent = x[axis + 2];
            long one = Math.Min(extent, ((Kernel[axis] - 1) * Dilations[axis]) + 1);
            long all = Math.Min(extent, ((positions[axis] - 1) * Strides[axis]) + ((Kernel[axis] - 1) * Dilations[axis]) + 1);
            bool apart = Ops.Footprint.Multiply(one, positions[axis]) < all;
            box[axis + 2] = apart ? one : all;
            count = apart ? Ops.Footprint.Multiply(count, positions[axis]) : count;
        }

        return new(count, [.. box]);
    }

    private bool IsSensible()
    {
        ImmutableArray<long>[] lists = [Kernel, Strides, Dilations, PadsBegin, PadsEnd, Output];
        return lists.All(list => !list.IsDefault && list.Length == lists[0].Length) && Axes is >= 1 and <= Limits.Rank - 2
            && Kernel.All(InRange) && Strides.All(InRange) && Dilations.All(InRange) && Output.All(extent => extent is >= 0 and < Largest)
            && PadsBegin.Concat(PadsEnd).All(pad => pad is > -Largest and < Largest) && TapsFit();
    }

    private static bool InRange(long extent) => extent is >= 1 and < Largest;

    private bool TapsFit()
    {
        Int128 taps = 1;
        foreach (long extent in Kernel)
        {
            taps *= extent;
            if (taps > Largest)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Walks the taps of one window after another over one spatial plane.</summary>
internal readonly ref struct WindowTaps
{
    private readonly Window _window;
    private readonly Shape _input;
    private readonly Span<long> _position;
    private readonly int _axes;

    /// <param name="window">The window.</param>
    /// <param name="input">Shape of X [N, C, spatial..].</param>
    /// <param name="position">Scratch: one entry a spatial axis.</param>
    internal WindowTaps(Window window, Shape input, Span<long> position)
    {
        _window = window;
        _input = input;
        _position = position;
        _axes = window.Axes;
    }

    /// <summary>Moves to output position <paramref name="index"/> (row-major over the output's spatial axes).</summary>
    internal void MoveTo(long index) => _window.MoveTo(index, _position);

    /// <summary>The index in the spatial plane of each tap (row-major), or −1 where it lies in the padding.</summary>
    internal void Sources(Span<long> sources)
    {
        int last = _axes - 1;
        int width = (int)_window.Kernel[last];
        long extent = _input[_axes + 1];
        long dilation = _window.Dilations[last];
        for (int tap = 0; tap < sources.Length; tap += width)
        {
            long row = Row(tap / width);
            long coordinate = _position[last];
            for (int k = 0; k < width; k++, coordinate += dilation)
            {
                sources[tap + k] = row < 0 || coordinate < 0 || coordinate >= extent ? -1 : (row * extent) + coordinate;
            }
        }
    }

    // The row of the plane that a row of taps lies in, or −1.
    private long Row(long row)
    {
        long source = 0;
        long stride = 1;
        for (int axis = _axes - 2; axis >= 0; axis--)
        {
            (row, long k) = Math.DivRem(row, _window.Kernel[axis]);
            long extent = _input[axis + 2];
            long coordinate = _position[axis] + (k * _window.Dilations[axis]);
            if (coordinate < 0 || coordinate >= extent)
            {
                return -1;
            }

            source += coordinate * stride;
            stride *= extent;
        }

        return source;
    }
}
