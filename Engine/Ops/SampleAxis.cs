using System;

namespace VerifiableCompute.Engine.Ops;

/// <summary>One spatial axis of <see cref="GridSample"/>: where a coordinate lies, and which elements count how much there.</summary>
internal sealed class SampleAxis
{
    // Coordinates are exact to 2^-22 up to here; no tensor is as long.
    private const double Farthest = 1 << 30;

    private readonly Interpolation _mode;
    private readonly Outside _outside;
    private readonly GridUnit _unit;
    private readonly bool _halvesAway;
    private readonly long[] _indices;
    private readonly double[] _weights;

    internal SampleAxis(Interpolation mode, Outside outside, GridUnit unit, long extent, bool halvesAway)
    {
        (_mode, _outside, _unit, _halvesAway) = (mode, outside, unit, halvesAway);
        Extent = extent;
        Taps = mode switch
        {
            Interpolation.Nearest => 1,
            Interpolation.Linear => 2,
            _ => CubicTaps.Count,
        };
        _indices = new long[Taps];
        _weights = new double[Taps];
    }

    /// <summary>Elements of the axis.</summary>
    internal long Extent { get; }

    /// <summary>Elements that a value is made of.</summary>
    internal int Taps { get; }

    /// <summary>Index of a tap; −1 where it is an element of value +0.</summary>
    internal long Index(int tap) => _indices[tap];

    /// <summary>Weight of a tap, before it is rounded to the arithmetic's type.</summary>
    internal double Weight(int tap) => _weights[tap];

    /// <summary>Whether the taps are elements next to each other that all count.</summary>
    internal bool IsRun { get; private set; }

    /// <summary>Finds the taps of a coordinate of the grid.</summary>
    internal void MoveTo(double coordinate)
    {
        double position = Held(Position(coordinate));
        if (_mode == Interpolation.Nearest)
        {
            position = _halvesAway ? AwayFromZero(position) : Math.Round(position, MidpointRounding.ToEven);
        }

        (double low, double high) = _unit == GridUnit.Edges ? (-0.5, Extent - 0.5) : (0, Extent - 1);
        if (position < low || position > high)
        {
            position = _outside switch
            {
                Outside.Border => Math.Max(Math.Min(position, Extent - 1), 0),
                Outside.Reflection => Mirrored(position, low, high),
                _ => position,
            };
        }

        double below = Math.Floor(position);
        Weigh(position - below);
        long first = (long)below - (_mode == Interpolation.Cubic ? 1 : 0);
        IsRun = first >= 0 && first + Taps <= Extent;
        for (int tap = 0; tap < Taps; tap++)
        {
            _indices[tap] = Inside(first + tap, low, high);
            IsRun &= (float)_weights[tap] != 0;
        }
    }

    private double Position(double g) => _unit switch
    {
        GridUnit.Edges => (((g + 1) * Extent) - 1) / 2,
        GridUnit.Centres => (g + 1) / 2 * (Extent - 1),
        _ => g,
    };

    private static double Held(double position)
        => position > -Farthest ? Math.Min(position, Farthest) : -Farthest;

    private static double AwayFromZero(double position)
        => position >= 0 ? Math.Floor(position + 0.5) : Math.Ceiling(position - 0.5);

    private void Weigh(double ratio)
    {
        switch (_mode)
        {
            case Interpolation.Nearest:
                _weights[0] = 1;
                break;
            case Interpolation.Linear:
                (_weights[0], _weights[1]) = (1 - ratio, ratio);
                break;
            default:
                CubicTaps.Weigh(ratio, CubicTaps.Usual, _weights);
                break;
        }
    }

    private long Inside(long index, double low, double high)
    {
        if ((index >= 0 && index < Extent) || Extent == 0 || _outside == Outside.Zeros)
        {
            return index >= 0 && index < Extent ? index : -1;
        }

        long nearest = _outside == Outside.Border ? index : (long)Mirrored(index, low, high);
        return Math.Clamp(nearest, 0, Extent - 1);
    }

    // Mirrored at the nearer bound, as often as it takes. All numbers here are exact: halves, and fractions of at most 22 bits.
    private static double Mirrored(double position, double low, double high)
    {
        double range = high - low;
        if (!(range > 0))
        {
            return 0;
        }

        double beyond = position < low ? low - position : position - high;
        double times = Math.Floor(beyond / range);
        double rest = beyond - (times * range);
        bool fromLow = (position < low) == (times % 2 == 0);
        return fromLow ? low + rest : high - rest;
    }
}
