using System;
using System.Collections.Generic;
using System.Linq;

namespace VerifiableCompute.Engine.Planning;

/// <summary>What all ranges from one place on take, by the place where they end; as far as somebody asked.</summary>
internal sealed class RangeRow
{
    private readonly RangeCosts _costs;
    private readonly int _first;
    private readonly HostRow[] _hosts;
    private readonly bool[] _isComputed;
    private readonly List<int> _found = [];
    private readonly Stack<int> _stack = [];
    private readonly Func<int, bool> _mark;

    // By node of the range, the least bytes of committed values that are held at its step.
    private readonly long[] _held;
    private readonly long[] _passing;

    // By place, bytes of intermediates and outputs: at least, and no more for a range that ends earlier; at most; and −1 or what they are.
    private readonly long[] _least;
    private readonly long[] _most;
    private readonly long[] _activations;
    private long _open;
    private int _reached;

    internal RangeRow(RangeCosts costs, int from)
    {
        _costs = costs;
        From = _reached = from;
        _first = costs.Position(from);
        _hosts = [.. Enumerable.Range(0, costs.Placements.Length).Select(host => new HostRow(costs, host, from))];
        _isComputed = new bool[costs.Graph.Nodes.Length];
        _mark = node =>
        {
            if (_isComputed[node])
            {
                return false;
            }

            _found.Add(node);
            return _isComputed[node] = true;
        };
        _held = new long[costs.Graph.Nodes.Length];
        _passing = costs.Bytes(costs.Graph.Values.Where(value => value.IsCommitted && value.Node < _first && value.LastNeed >= _first));
        _least = new long[costs.Last + 1];
        _most = new long[costs.Last + 1];
        _activations = Enumerable.Repeat(-1L, costs.Last + 1).ToArray();
    }

    /// <summary>The place.</summary>
    internal int From { get; }

    /// <summary>Picoseconds of computing and the bus, but for what leaves the range; no more for a range that ends earlier.</summary>
    internal long Time(int host, int to) => _hosts[host].Times[to];

    /// <summary>Picoseconds in which what leaves the range comes to the host's first device.</summary>
    internal long Leaving(int host, int to) => _hosts[host].Leaving[to];

    /// <summary>Bytes that the fullest device of a host lacks at least; no more for a range that ends earlier.</summary>
    internal long LeastExcess(int host, int to) => _hosts[host].Held[to] + _least[to];

    /// <summary>Bytes that the fullest device of a host lacks (0 or less: it has them), if <see cref="IsKnown"/>; otherwise at least.</summary>
    internal long Excess(int host, int to)
    {
        long leaving = _costs.CrossingBytes[to] - _passing[to];
        return _hosts[host].Held[to] + (_activations[to] >= 0 ? _activations[to] : long.Max(_least[to], leaving));
    }

    /// <summary>Whether it is known what a host lacks for a range, or that it lacks nothing.</summary>
    internal bool IsKnown(int host, int to) => _activations[to] >= 0 || _hosts[host].Held[to] + _most[to] <= 0;

    /// <summary>Finds out what a range holds.</summary>
    internal void Know(int to) => _activations[to] = _costs.Activations(From, to);

    /// <summary>Measures the ranges up to a place.</summary>
    internal void Reach(int to)
    {
        while (_reached < to)
        {
            _reached++;
            for (int node = _costs.Position(_reached - 1); node < _costs.Position(_reached); node++)
            {
                Add(node);
            }

            _least[_reached] = long.Max(_least[_reached], _least[_reached - 1]);
            _most[_reached] += _most[_reached - 1];
            foreach (HostRow host in _hosts)
            {
                host.End(_reached);
            }
        }
    }

    // The next node in the order, and all that is computed for it. A committed value of the range is held from its step to its last reader's in every
    // range with both, and to the end in one without; so what is held at a node's step is no less where the range is longer.
    private void Add(int next)
    {
        _found.Clear();
        _costs.Graph.Cuts.Need(next, _mark, _stack);
        _costs.Spend(1 + ((1 + _hosts.Length) * _found.Count));
        RangeGraph graph = _costs.Graph;
        _held[next] = _open += graph.Nodes[next].CommittedBytes;
        foreach (int node in _found)
        {
            RangeNode found = graph.Nodes[node];
            if (!found.IsView)
            {
                _least[_reached] = long.Max(_least[_reached], _held[node] + found.OpenBytes);
                _most[_reached] += found.OutputBytes;
                foreach (HostRow host in _hosts)
                {
                    host.Add(node);
                }
            }
        }

        foreach (int value in _costs.Closing[next])
        {
            _open -= graph.Values[value].Node >= _first ? graph.Values[value].Bytes : 0;
        }

        foreach (HostRow host in _hosts)
        {
            host.Close(next);
        }
    }
}

/// <summary>What ranges from one place on take on one host.</summary>
internal sealed class HostRow
{
    private readonly RangeCosts _costs;
    private readonly int _first;
    private readonly HostPlacement _placement;
    private readonly Link? _bus;
    private readonly bool[] _isRead;
    private readonly bool[][] _isHeld;

    // Values that were brought to the other device, and graph inputs, as negative numbers; values that have to be if they leave.
    private readonly HashSet<int> _brought = [];
    private readonly HashSet<int> _away = [];

    // For each device bytes of parameters less its memory, and the most of those that run a node.
    private readonly long[] _lacks;
    private readonly long _passing;
    private long _time;
    private long _inputs;
    private long _fullest = long.MinValue / 2;
    private Int128 _leaving;

    internal HostRow(RangeCosts costs, int host, int from)
    {
        _costs = costs;
        _first = costs.Position(from);
        _placement = costs.Placements[host];
        _bus = costs.Cluster.Hosts[host].Bus;
        _isRead = new bool[costs.Graph.InputBytes.Length];
        _isHeld = [.. costs.Cluster.Hosts[host].Devices.Select(_ => new bool[costs.Graph.TensorBytes.Length])];
        _lacks = [.. costs.Cluster.Hosts[host].Devices.Select(device => -device.MemoryBytes)];
        _passing = costs.CrossingBytes[from];
        Times = new long[costs.Last + 1];
        Leaving = new long[costs.Last + 1];
        Held = new long[costs.Last + 1];
    }

    /// <summary>By place, picoseconds of computing and the bus, but for what leaves the range.</summary>
    internal long[] Times { get; }

    /// <summary>By place, picoseconds in which what leaves the range comes to the first device.</summary>
    internal long[] Leaving { get; }

    /// <summary>By place, bytes that the fullest device lacks (above 0) or has left for what the range holds beside its activations.</summary>
    internal long[] Held { get; }

    /// <summary>A node that is computed for the range, and no view.</summary>
    internal void Add(int index)
    {
        RangeNode node = _costs.Graph.Nodes[index];
        int device = _placement.Devices[index];
        _time = Cluster.Sum(_time, _placement.Times[index]);
        foreach (int tensor in node.Parameters)
        {
            _lacks[device] += _isHeld[device][tensor] ? 0 : _costs.Graph.TensorBytes[tensor];
            _isHeld[device][tensor] = true;
        }

        _fullest = long.Max(_fullest, _lacks[device]);
        foreach (int input in node.Inputs)
        {
            _inputs += _isRead[input] ? 0 : _costs.Graph.InputBytes[input];
            _isRead[input] = true;
        }

        if (_bus is not null)
        {
            Cross(node, device);
        }
    }

    /// <summary>A node is passed whose value nobody behind it needs.</summary>
    internal void Close(int index)
    {
        if (_away.Count > 0)
        {
            foreach (int value in _costs.Dying[index])
            {
                Settle(value);
            }
        }
    }

    /// <summary>The range may end here.</summary>
    internal void End(int to)
    {
        Times[to] = _time;
        Leaving[to] = (long)Int128.Min(_leaving, Cluster.Never);
        Held[to] = _fullest + _passing + _inputs;
    }

    // What a node reads or gives out on the other device than the one that made it crosses the bus once. What is taken in lies on the first device, and
    // so does what is handed out.
    private void Cross(RangeNode node, int device)
    {
        foreach (int input in node.Inputs)
        {
            if (device == 1 && _brought.Add(-1 - input))
            {
                _time = Cluster.Sum(_time, _bus!.TimeOf(_costs.Graph.InputBytes[input]));
            }
        }

        foreach (int source in node.Sources)
        {
            RangeValue value = _costs.Graph.Values[source];
            bool isTaken = value.IsCommitted && value.Node < _first;
            if (device != (isTaken ? 0 : _placement.Devices[value.Node]))
            {
                Bring(source);
            }
        }

        foreach (int output in device == 1 ? node.Outputs : [])
        {
            RangeValue value = _costs.Graph.Values[output];
            if (value.IsOutput)
            {
                Bring(output);
            }
            else if (value.IsCommitted && value.LastNeed > value.Node && _away.Add(output))
            {
                _leaving += _bus!.TimeOf(value.Bytes);
            }
        }
    }

    private void Bring(int value)
    {
        if (_brought.Add(value))
        {
            Settle(value);
            _time = Cluster.Sum(_time, _bus!.TimeOf(_costs.Graph.Values[value].Bytes));
        }
    }

    private void Settle(int value)
    {
        if (_away.Remove(value))
        {
            _leaving -= _bus!.TimeOf(_costs.Graph.Values[value].Bytes);
        }
    }
}
