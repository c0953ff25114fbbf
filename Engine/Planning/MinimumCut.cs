using System;
using System.Collections.Generic;

namespace VerifiableCompute.Engine.Planning;

/// <summary>The cheapest way to cut a network in two: what flows from the source to the sink at most (Dinic's algorithm). Place 0 is the source, place 1 the
/// sink.</summary>
/// <param name="places">Number of places, both ends included.</param>
internal sealed class MinimumCut(int places)
{
    private readonly List<(int To, long Room)> _edges = [];
    private readonly List<int>[] _from = Make(places);
    private readonly int[] _level = new int[places];
    private readonly int[] _next = new int[places];

    // Edges that may be looked at: some ten seconds. Graphs as models have them take a few for each node.
    private const long MostSteps = 1_000_000_000;

    private long _steps;

    internal const int Source = 0;
    internal const int Sink = 1;

    /// <summary>Cutting between two places, so that the first stays with the source and the second with the sink, costs so much.</summary>
    internal void Add(int from, int to, long cost)
    {
        _from[from].Add(_edges.Count);
        _edges.Add((to, cost));
        _from[to].Add(_edges.Count);
        _edges.Add((from, 0));
    }

    /// <summary>Of all cheapest cuts the one with the fewest places on the source's side.</summary>
    /// <returns>For each place, whether it is on that side.</returns>
    /// <exception cref="NoPlacementException">The network takes too long.</exception>
    internal bool[] Solve()
    {
        while (Levels())
        {
            Array.Clear(_next);
            while (Push() > 0)
            {
            }
        }

        return Array.ConvertAll(_level, level => level >= 0);
    }

    // Distances from the source along edges with room; false where the sink is not reached.
    private bool Levels()
    {
        Array.Fill(_level, -1);
        _level[Source] = 0;
        Queue<int> open = new([Source]);
        while (open.TryDequeue(out int place))
        {
            foreach (int edge in _from[place])
            {
                (int to, long room) = _edges[edge];
                Count();
                if (room > 0 && _level[to] < 0)
                {
                    _level[to] = _level[place] + 1;
                    open.Enqueue(to);
                }
            }
        }

        return _level[Sink] >= 0;
    }

    // One path from the source to the sink, downhill; without recursion, since graphs are deep.
    private long Push()
    {
        List<int> path = [];
        int place = Source;
        while (place != Sink)
        {
            Count();
            if (_next[place] < _from[place].Count)
            {
                int edge = _from[place][_next[place]];
                (int to, long room) = _edges[edge];
                if (room > 0 && _level[to] == _level[place] + 1)
                {
                    path.Add(edge);
                    place = to;
                }
                else
                {
                    _next[place]++;
                }
            }
            else if (path.Count == 0)
            {
                return 0;
            }
            else
            {
                place = _edges[path[^1] ^ 1].To;
                path.RemoveAt(path.Count - 1);
                _next[place]++;
            }
        }

        long flow = long.MaxValue;
        foreach (int edge in path)
        {
            flow = long.Min(flow, _edges[edge].Room);
        }

        foreach (int edge in path)
        {
            _edges[edge] = (_edges[edge].To, _edges[edge].Room - flow);
            _edges[edge ^ 1] = (_edges[edge ^ 1].To, _edges[edge ^ 1].Room + flow);
        }

        return flow;
    }

    private void Count()
    {
        if (++_steps > MostSteps)
        {
            throw new NoPlacementException($"the choice between two devices for {places - 2} nodes and values takes more than {MostSteps} steps");
        }
    }

    private static List<int>[] Make(int places)
    {
        List<int>[] made = new List<int>[places];
        for (int place = 0; place < places; place++)
        {
            made[place] = [];
        }

        return made;
    }
}
