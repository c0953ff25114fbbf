using System;
using System.Collections.Generic;
using System.Linq;

namespace VerifiableCompute.Engine.Planning;

/// <summary>The dynamic programs over cuts and hosts.</summary>
internal sealed class PipelineSearch
{
    // A bound of steps is one of memory too.
    private const long StepsOfState = 64;

    private readonly RangeCosts _costs;
    private readonly List<State> _states = [];
    private readonly List<Follower[]> _next = [];
    private readonly Follower[] _nothing;
    private readonly int _starts;

    internal PipelineSearch(RangeCosts costs, Cluster cluster, bool anyOrder)
    {
        _costs = costs;
        Dictionary<(int, Link?, int), int> numbers = [];
        Dictionary<Link, long[]> transfers = [];
        long[] none = new long[costs.Last + 1];
        int Number(int used, Link? link, int host)
        {
            if (link is not null && !transfers.ContainsKey(link))
            {
                transfers.Add(link, [.. costs.CrossingBytes.Select(link.TimeOf)]);
            }

            if (numbers.TryAdd((used, link, host), _states.Count))
            {
                _states.Add(new State(used, host, link is null ? none : transfers[link]));
            }

            return numbers[(used, link, host)];
        }

        for (int host = 0; host < cluster.Hosts.Length; host++)
        {
            Number(anyOrder ? 1 << host : 0, null, host);
        }

        _starts = _states.Count;
        _nothing = [new Follower(-1, none)];
        for (int state = 0; state < _states.Count; state++)
        {
            (int used, int host, _) = _states[state];
            List<Follower> next = [];
            for (int other = anyOrder ? 0 : host + 1; other < cluster.Hosts.Length; other++)
            {
                if ((used & (1 << other)) == 0 && cluster.Between(host, other) is Link link)
                {
                    int number = Number(anyOrder ? used | (1 << other) : 0, link, other);
                    next.Add(new Follower(number, _states[number].In));
                }
            }

            _next.Add([.. next]);
        }
    }

    // Hosts used so far (only where their order is free), the host, and for each place the time in which what crosses it arrives.
    private sealed record State(int Used, int Host, long[] In);

    // A state that may follow, −1 for the end, and for each place the time in which what crosses it goes there.
    private readonly record struct Follower(int State, long[] Out);

    /// <summary>The least time of the slowest stage; at least <see cref="Cluster.Never"/> where there is no partition.</summary>
    internal long Slowest() => Smallest((row, state, to) => row.LeastExcess(state.Host, to) > 0 ? Cluster.Never : Time(row, state, to), Time);

    /// <summary>The fewest bytes that the fullest device lacks.</summary>
    internal long LeastExcess() => Smallest(
        (row, state, to) => row.Time(state.Host, to) >= Cluster.Never ? Cluster.Never : long.Max(0, row.LeastExcess(state.Host, to)), null);

    /// <summary>The partition with the fewest bytes that cross, of those of which no stage takes longer.</summary>
    internal Partition Fewest(long slowest)
    {
        _costs.Spend(StepsOfState * _states.Count * _costs.Last);
        (long Bytes, int Stages)[][] best = [.. _states.Select(_ => Enumerable.Repeat((long.MaxValue, int.MaxValue), _costs.Last + 1).ToArray())];
        (int To, int Next)[][] choice = [.. _states.Select(_ => new (int, int)[_costs.Last + 1])];
        for (int from = _costs.Last - 1; from >= 0; from--)
        {
            RangeRow row = new(_costs, from);
            foreach (int state in StatesAt(from))
            {
                int host = _states[state].Host;
                do
                {
                    (best[state][from], choice[state][from]) = Fewest(row, state, slowest, best);
                }
                while (choice[state][from].To > 0 && !IsCertain(row, host, choice[state][from].To));
            }
        }

        return Traced(Enumerable.Range(0, _starts).MinBy(state => best[state][0]), choice);
    }

    // The best as far as is known; to 0 where there is none.
    private ((long, int) Best, (int To, int Next) Choice) Fewest(RangeRow row, int state, long slowest, (long Bytes, int Stages)[][] best)
    {
        State now = _states[state];
        (long, int) found = (long.MaxValue, int.MaxValue);
        (int To, int Next) choice = (0, -1);
        for (int to = row.From + 1; to <= _costs.Last; to++)
        {
            row.Reach(to);
            long time = Cluster.Sum(now.In[row.From], row.Time(now.Host, to));
            if (time > slowest || row.LeastExcess(now.Host, to) > 0)
            {
                break;
            }

            if (row.Excess(now.Host, to) > 0)
            {
                continue;
            }

            Follower[] followers = Behind(state, to);
            _costs.Spend(followers.Length);
            foreach (Follower next in followers)
            {
                (long Bytes, int Stages) rest = next.State < 0 ? (0, 0) : best[next.State][to];
                long whole = Cluster.Sum(Cluster.Sum(time, row.Leaving(now.Host, to)), next.Out[to]);
                if (rest.Bytes < long.MaxValue && whole <= slowest && (_costs.CrossingBytes[to] + rest.Bytes, rest.Stages + 1).CompareTo(found) < 0)
                {
                    found = (_costs.CrossingBytes[to] + rest.Bytes, rest.Stages + 1);
                    choice = (to, next.State);
                }
            }
        }

        return (found, choice);
    }

    private Partition Traced(int state, (int To, int Next)[][] choice)
    {
        List<PipelineStage> stages = [];
        long bytes = 0;
        for (int from = 0; from < _costs.Last;)
        {
            (int to, int next) = choice[state][from];
            int host = _states[state].Host;
            RangeRow row = new(_costs, from);
            row.Reach(to);
            bytes += _costs.CrossingBytes[to];
            stages.Add(new PipelineStage(
                host,
                _costs.Position(from),
                _costs.Position(to),
                Cluster.Sum(row.Time(host, to), row.Leaving(host, to)),
                _states[state].In[from],
                next < 0 ? 0 : _states[next].In[to],
                _costs.Memory(host, from, to)));
            (state, from) = (next, to);
        }

        return new Partition([.. stages], _costs.Placements, bytes);
    }

    // The smallest largest measure of a stage: its time, or the bytes that it lacks. What is given is no more, and no more for a range that ends earlier.
    private long Smallest(Func<RangeRow, State, int, long> least, Func<RangeRow, State, int, long>? time)
    {
        _costs.Spend(StepsOfState * _states.Count * _costs.Last);
        long[][] best = [.. _states.Select(_ => Enumerable.Repeat(Cluster.Never, _costs.Last + 1).ToArray())];
        for (int from = _costs.Last - 1; from >= 0; from--)
        {
            RangeRow row = new(_costs, from);
            foreach (int state in StatesAt(from))
            {
                int to;
                do
                {
                    (best[state][from], to) = Smallest(row, state, best, least, time);
                }
                while (to > 0 && !IsCertain(row, _states[state].Host, to));
            }
        }

        return Enumerable.Range(0, _starts).Min(state => best[state][0]);
    }

    // The smallest as far as is known, and where the range ends; 0 where there is none.
    private (long Found, int To) Smallest(
        RangeRow row, int state, long[][] best, Func<RangeRow, State, int, long> least, Func<RangeRow, State, int, long>? time)
    {
        State now = _states[state];
        (long Found, int To) found = (Cluster.Never, 0);
        for (int to = row.From + 1; to <= _costs.Last; to++)
        {
            row.Reach(to);
            if (least(row, now, to) >= found.Found)
            {
                break;
            }

            long excess = row.Excess(now.Host, to);
            if (time is not null && excess > 0)
            {
                continue;
            }

            long own = time is null ? long.Max(0, excess) : Cluster.Sum(time(row, now, to), row.Leaving(now.Host, to));
            Follower[] followers = Behind(state, to);
            _costs.Spend(followers.Length);
            foreach (Follower next in followers)
            {
                long rest = next.State < 0 ? 0 : best[next.State][to];
                long measure = long.Max(rest, time is null ? own : Cluster.Sum(own, next.Out[to]));
                found = measure < found.Found ? (measure, to) : found;
            }
        }

        return found;
    }

    // Whether what a stage holds was known; it is from now on.
    private static bool IsCertain(RangeRow row, int host, int to)
    {
        if (row.IsKnown(host, to))
        {
            return true;
        }

        row.Know(to);
        return false;
    }

    private IEnumerable<int> StatesAt(int from) => from == 0 ? Enumerable.Range(0, _starts) : Enumerable.Range(_starts, _states.Count - _starts);

    // What may follow a stage that ends at a place: nothing at the end, otherwise a stage on another host.
    private Follower[] Behind(int state, int to) => to == _costs.Last ? _nothing : _next[state];

    private static long Time(RangeRow row, State state, int to) => Cluster.Sum(state.In[row.From], row.Time(state.Host, to));
}
