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

    /// <summary>True when every list has one sensible entry for each of the spatial axes.</summary>
    internal bool Fits(int axes)
        => axes >= 1 && Kernel.Length == axes && Strides.Length == axes && Dilations.Length == axes
        && PadsBegin.Length == axes && PadsEnd.Length == axes && Output.Length == axes
        && Kernel.All(InRange) && Strides.All(InRange) && Dilations.All(InRange) && Output.All(extent => extent is >= 0 and < Largest)
        && PadsBegin.Concat(PadsEnd).All(pad => pad is > -Largest and < Largest) && TapsFit();

    /// <summary>The shape of the output of a window op with the given batch and channels.</summary>
    internal Shape OutputShape(long batch, long channels) => new([batch, channels, .. Output]);

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
    internal void MoveTo(long index)
    {
        for (int axis = _axes - 1; axis >= 0; axis--)
        {
            (index, long i) = Math.DivRem(index, _window.Output[axis]);
            _position[axis] = (i * _window.Strides[axis]) - _window.PadsBegin[axis];
        }
    }

    /// <summary>The index in the spatial plane of tap <paramref name="tap"/> (row-major), or −1 where it lies in the padding.</summary>
    /// <param name="tap">The tap.</param>
    /// <param name="counted">Whether the tap lies in X or its declared padding.</param>
    internal long Source(long tap, out bool counted)
    {
        long source = 0;
        long stride = 1;
        bool inside = true;
        counted = true;
        for (int axis = _axes - 1; axis >= 0; axis--)
        {
            (tap, long k) = Math.DivRem(tap, _window.Kernel[axis]);
            long extent = _input[axis + 2];
            long coordinate = _position[axis] + (k * _window.Dilations[axis]);
            inside &= coordinate >= 0 && coordinate < extent;
            counted &= coordinate >= -_window.PadsBegin[axis] && coordinate < extent + _window.PadsEnd[axis];
            source += inside ? coordinate * stride : 0;
            stride *= extent;
        }

        return inside ? source : -1;
    }
}
