using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Planning;

//
//  Pipeline stages: which contiguous ranges of nodes run on which hosts
//
//  The nodes stand in one order, the graph's. A partition is a list of cuts of that order, at positions where Cuts allows one, and a host for each range,
//  no host twice: with ascending numbers, or in any order. A value that crosses several cuts is passed on from stage to stage and counts at each. So what
//  a stage takes depends on the two cuts and on the hosts before, at and behind it alone, and dynamic programming from the end is exact over all these
//  partitions. The slowest stage and the sum of bytes cannot be one order of preference within it (a beginning that is slower, but not slower than the
//  end, may save bytes), so the least time of the slowest stage is found first, and then the fewest bytes of which no stage is slower. Of equals, fewer
//  stages, then earlier cuts and hosts.
//

/// <summary>Places graphs on hosts: a pure function of graph, committed values and the description of the hosts.</summary>
public static class Partitioner
{
    /// <summary>The partition whose slowest stage is the fastest, and of these one where the fewest bytes cross.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="cuts">Where it may be cut.</param>
    /// <param name="cluster">The hosts.</param>
    /// <param name="anyOrder">Whether stages may go to hosts in any order; otherwise in the cluster's. Hosts may be left out either way.</param>
    /// <exception cref="ArgumentException">The cluster or the cuts are not valid; the message says why.</exception>
    /// <exception cref="NoPlacementException">No partition is within memory or the longest time of a plan, or an op has no host, or hosts
    /// have no link.</exception>
    public static Partition Partition(Graph graph, Cuts cuts, Cluster cluster, bool anyOrder = false)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(cuts);
        ArgumentNullException.ThrowIfNull(cluster);
        string defect = cluster.Defect();
        if (defect.Length > 0 || cuts.Count != graph.Nodes.Length || (anyOrder && cluster.Hosts.Length > Cluster.MostInAnyOrder))
        {
            throw Error.ClusterDefect(defect.Length > 0 ? defect : cuts.Count != graph.Nodes.Length
                ? "the cuts are another graph's" : $"stages in any order go to at most {Cluster.MostInAnyOrder} hosts");
        }

        RangeCosts costs = new(graph, cuts, cluster);
        PipelineSearch search = new(costs, cluster, anyOrder);
        long slowest = search.Slowest();
        if (slowest < Cluster.Never)
        {
            return search.Fewest(slowest);
        }

        long excess = search.LeastExcess();
        if (excess is > 0 and < Cluster.Never)
        {
            throw new NoPlacementException($"however the graph is cut, a device lacks at least {excess} bytes of memory") { ExcessBytes = excess };
        }

        int stranded = Enumerable.Range(0, graph.Nodes.Length)
            .FirstOrDefault(node => costs.Placements.All(placement => placement.Times[node] >= Cluster.Never), -1);
        bool isSlow = excess == 0 || costs.Placements.Any(placement => placement.Times.All(time => time < Cluster.Never));
        throw new NoPlacementException(stranded >= 0
            ? $"no host can run node {stranded} '{graph.Nodes[stranded].Name}' ({graph.Nodes[stranded].Op.Name})"
            : isSlow ? "however the graph is cut, its slowest stage takes longer than the longest time of a plan, some 13 days"
            : "no hosts with links from each to the next can run all nodes");
    }
}

/// <summary>The dynamic programs over cuts and hosts.</summary>
internal sealed class PipelineSearch
{
    private static readonly (int, Link?)[] Nothing = [(-1, null)];

    private readonly RangeCosts _costs;
    private readonly List<State> _states = [];
    private readonly List<(int Next, Link? Link)[]> _next = [];
    private readonly Dictionary<Link, long[]> _transfers = [];
    private readonly int _starts;

    // What a measure has to be below to be of use.
    private long _bound;

    internal PipelineSearch(RangeCosts costs, Cluster cluster, bool anyOrder)
    {
        _costs = costs;
        Dictionary<State, int> numbers = [];
        int Number(State state)
        {
            if (numbers.TryAdd(state, _states.Count))
            {
                _states.Add(state);
            }

            return numbers[state];
        }

        for (int host = 0; host < cluster.Hosts.Length; host++)
        {
            Number(new State(anyOrder ? 1 << host : 0, null, host));
        }

        _starts = _states.Count;
        for (int state = 0; state < _states.Count; state++)
        {
            (int used, _, int host) = _states[state];
            List<(int, Link?)> next = [];
            for (int other = anyOrder ? 0 : host + 1; other < cluster.Hosts.Length; other++)
            {
                if ((used & (1 << other)) == 0 && cluster.Between(host, other) is Link link)
                {
                    next.Add((Number(new State(anyOrder ? used | (1 << other) : 0, link, other)), link));
                    _transfers.TryAdd(link, [.. costs.CrossingBytes.Select(link.TimeOf)]);
                }
            }

            _next.Add([.. next]);
        }
    }

    // On a host, hosts used so far (only where their order is free), and the link over which it is reached.
    private sealed record State(int Used, Link? In, int Host);

    /// <summary>The least time of the slowest stage; at least <see cref="Cluster.Never"/> where there is no partition.</summary>
    internal long Slowest() => Smallest(
        (row, state, to) => Cluster.Sum(In(state, row.From), row.Times[_states[state].Host][to]),
        (row, state, to, link) =>
        {
            long time = Cluster.Sum(In(state, row.From), row.Times[_states[state].Host][to]);
            time = Cluster.Sum(time, link is null ? 0 : _transfers[link][to]);
            return time < _bound && _costs.Fits(row, _states[state].Host, to) ? time : Cluster.Never;
        });

    /// <summary>The fewest bytes that the fullest device lacks.</summary>
    internal long LeastExcess() => Smallest(
        (row, state, to) => row.Times[_states[state].Host][to] >= Cluster.Never ? Cluster.Never : row.Held[_states[state].Host][to],
        (row, state, to, _) => row.Held[_states[state].Host][to] + row.Fewest[to] >= _bound
            ? Cluster.Never : long.Max(0, _costs.Excess(row, _states[state].Host, to)));

    /// <summary>The partition with the fewest bytes that cross, of those of which no stage takes longer.</summary>
    internal Partition Fewest(long slowest)
    {
        (long Bytes, int Stages)[][] best = [.. _states.Select(_ => Enumerable.Repeat((long.MaxValue, int.MaxValue), _costs.Last + 1).ToArray())];
        (int To, int Next)[][] choice = [.. _states.Select(_ => new (int, int)[_costs.Last + 1])];
        for (int from = _costs.Last - 1; from >= 0; from--)
        {
            RangeRow row = _costs.Row(from);
            foreach (int state in StatesAt(from))
            {
                int host = _states[state].Host;
                for (int to = from + 1; to <= _costs.Last; to++)
                {
                    long time = Cluster.Sum(In(state, from), row.Times[host][to]);
                    if (time > slowest)
                    {
                        break;
                    }

                    foreach ((int next, Link? link) in Behind(state, to))
                    {
                        (long Bytes, int Stages) rest = link is null ? (0, 0) : best[next][to];
                        long transfer = link is null ? 0 : _transfers[link][to];
                        if (rest.Bytes == long.MaxValue || Cluster.Sum(time, transfer) > slowest)
                        {
                            continue;
                        }

                        (long, int) found = (_costs.CrossingBytes[to] + rest.Bytes, rest.Stages + 1);
                        if (found.CompareTo(best[state][from]) < 0 && _costs.Fits(row, host, to))
                        {
                            best[state][from] = found;
                            choice[state][from] = (to, next);
                        }
                    }
                }
            }
        }

        return Traced(Enumerable.Range(0, _starts).MinBy(state => best[state][0]), choice);
    }

    private Partition Traced(int state, (int To, int Next)[][] choice)
    {
        List<PipelineStage> stages = [];
        long bytes = 0;
        for (int from = 0; from < _costs.Last;)
        {
            (int to, int next) = choice[state][from];
            int host = _states[state].Host;
            bytes += _costs.CrossingBytes[to];
            stages.Add(new PipelineStage(
                host,
                _costs.Position(from),
                _costs.Position(to),
                _costs.Row(from).Times[host][to],
                In(state, from),
                next < 0 ? 0 : In(next, to),
                _costs.Memory(host, from, to)));
            (state, from) = (next, to);
        }

        return new Partition([.. stages], _costs.Placements, bytes);
    }

    // The smallest largest measure of a stage. The first function gives no more than the measure, and no less for a range that ends later.
    private long Smallest(Func<RangeRow, int, int, long> least, Func<RangeRow, int, int, Link?, long> measure)
    {
        long[][] best = [.. _states.Select(_ => Enumerable.Repeat(Cluster.Never, _costs.Last + 1).ToArray())];
        for (int from = _costs.Last - 1; from >= 0; from--)
        {
            RangeRow row = _costs.Row(from);
            foreach (int state in StatesAt(from))
            {
                for (int to = from + 1; to <= _costs.Last && least(row, state, to) < best[state][from]; to++)
                {
                    foreach ((int next, Link? link) in Behind(state, to))
                    {
                        long rest = link is null ? 0 : best[next][to];
                        if (rest < best[state][from])
                        {
                            _bound = best[state][from];
                            best[state][from] = long.Min(best[state][from], long.Max(rest, measure(row, state, to, link)));
                        }
                    }
                }
            }
        }

        return Enumerable.Range(0, _starts).Min(state => best[state][0]);
    }

    private IEnumerable<int> StatesAt(int from) => from == 0 ? Enumerable.Range(0, _starts) : Enumerable.Range(_starts, _states.Count - _starts);

    // What may follow a stage that ends at a place: nothing at the end, otherwise a stage on another host.
    private (int Next, Link? Link)[] Behind(int state, int to) => to == _costs.Last ? Nothing : _next[state];

    private long In(int state, int from) => _states[state].In is Link link ? _transfers[link][from] : 0;
}
