using System;
using System.Numerics;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>An element of a recurrent op's state.</summary>
/// <param name="Time">Step, from 0.</param>
/// <param name="Part">Part of the state.</param>
/// <param name="Row">Sequence of the batch.</param>
/// <param name="Unit">Unit.</param>
internal readonly record struct RecurrentPlace(long Time, int Part, long Row, long Unit);

/// <summary>What the elements of a recurrent op's state are made of: totals of gates, and the state before.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal readonly struct RecurrentStep<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ElementReader _x;
    private readonly int _parts;
    private readonly int _state;
    private readonly long _width;

    internal RecurrentStep(ElementReader x, int parts, int carried)
    {
        _x = x;
        _parts = parts;
        _state = x.Slots + 1 + carried;
        Shape shape = x.Type(0).Shape;
        (Steps, Batch, _width) = (shape[0], shape[1], shape[2]);
        Units = x.Type(2).Shape[1];
    }

    internal long Steps { get; }

    internal long Batch { get; }

    internal long Units { get; }

    /// <summary>Whether the sequence has this step.</summary>
    internal bool Runs(long time, long row) => time < _x.Load<long>(Recurrent.Lengths, row);

    /// <summary>An element of the state.</summary>
    internal T State(RecurrentPlace at) => _x.Load<T>(_state, Index(at));

    /// <summary>An element of a carried part before a step: 0 is h, 1 the other one.</summary>
    internal T Before(RecurrentPlace at, int carried)
    {
        Span<T> one = stackalloc T[1];
        Before(at, carried, one);
        return one[0];
    }

    /// <summary>An element where the sequence has ended: as before if it is carried, else +0.</summary>
    internal T Kept(RecurrentPlace at)
        => at.Part == _parts - 1 ? Before(at, 0) : _state - _x.Slots > 2 ? Before(at, 1) : T.Zero;

    /// <summary>An element of an input that has H of them for each gate.</summary>
    internal T Entry(int slot, int gate, long unit) => _x.Load<T>(slot, (gate * Units) + unit);

    /// <summary>Whether an input is given.</summary>
    internal bool HasMore(int slot) => slot < _x.Slots;

    /// <summary>Where a gate's total starts.</summary>
    internal T Start(int gate, long unit)
        => (Entry(Recurrent.BiasW, gate, unit) + Entry(Recurrent.BiasR, gate, unit)) + T.Zero;

    /// <summary>The totals of some gates after the blocks of W·x.</summary>
    internal void AddInput(Span<T> totals, ReadOnlySpan<int> gates, RecurrentPlace at)
    {
        Span<T> weights = stackalloc T[Dots.Block];
        Span<T> values = stackalloc T[Dots.Block];
        for (long k = 0; k < _width; k += Dots.Block)
        {
            int count = (int)Math.Min(Dots.Block, _width - k);
            _x.Load(0, (((at.Time * Batch) + at.Row) * _width) + k, values[..count]);
            for (int i = 0; i < gates.Length; i++)
            {
                _x.Load(1, (((gates[i] * Units) + at.Unit) * _width) + k, weights[..count]);
                totals[i] = Dots.Add<T>(totals[i], T.One, values[..count], weights[..count]);
            }
        }
    }

    /// <summary>The totals of some gates after the blocks of R·h; for one of them, of R·(s·h), s part 0 of the same step.</summary>
    /// <param name="totals">Totals, one for each gate.</param>
    /// <param name="gates">The gates.</param>
    /// <param name="at">For which element.</param>
    /// <param name="scaled">Which of them takes s·h, -1 for none.</param>
    /// <returns>The element's own h before.</returns>
    internal T AddState(Span<T> totals, ReadOnlySpan<int> gates, RecurrentPlace at, int scaled = -1)
    {
        Span<T> weights = stackalloc T[Dots.Block];
        Span<T> values = stackalloc T[Dots.Block];
        Span<T> products = stackalloc T[Dots.Block];
        T own = T.Zero;
        for (long k = 0; k < Units; k += Dots.Block)
        {
            int count = (int)Math.Min(Dots.Block, Units - k);
            Before(at with { Unit = k }, 0, values[..count]);
            own = at.Unit >= k && at.Unit < k + count ? values[(int)(at.Unit - k)] : own;
            if (scaled >= 0)
            {
                _x.Load(_state, Index(at with { Part = 0, Unit = k }), products[..count]);
                for (int i = 0; i < count; i++)
                {
                    products[i] *= values[i];
                }
            }

            for (int i = 0; i < gates.Length; i++)
            {
                _x.Load(2, (((gates[i] * Units) + at.Unit) * Units) + k, weights[..count]);
                totals[i] = Dots.Add<T>(totals[i], T.One, i == scaled ? products[..count] : values[..count], weights[..count]);
            }
        }

        return own;
    }

    // Consecutive units of a carried part before a step.
    private void Before(RecurrentPlace at, int carried, Span<T> destination)
    {
        if (at.Time == 0)
        {
            _x.Load(Recurrent.Initial + carried, (at.Row * Units) + at.Unit, destination);
        }
        else
        {
            _x.Load(_state, Index(at with { Time = at.Time - 1, Part = carried == 0 ? _parts - 1 : 0 }), destination);
        }
    }

    private long Index(RecurrentPlace at) => (((((at.Time * _parts) + at.Part) * Batch) + at.Row) * Units) + at.Unit;
}
