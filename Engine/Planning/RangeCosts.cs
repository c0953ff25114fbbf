using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Planning;

/// <summary>What the ranges of a graph's nodes take on the hosts of a cluster. Places are numbers of cuts: 0 is the beginning, <see cref="Last"/> the
/// end.</summary>
internal sealed class RangeCosts
{
    private readonly Graph _graph;
    private readonly Cuts _cuts;
    private readonly Cluster _cluster;
    private readonly int[] _positions;
    private readonly long[] _outputs;
    private readonly bool[] _isRoomy;
    private readonly Dictionary<(int, int), long> _activations = [];
    private readonly Dictionary<(int, int, int), long> _excess = [];

    internal RangeCosts(Graph graph, Cuts cuts, Cluster cluster)
    {
        _graph = graph;
        _cuts = cuts;
        _cluster = cluster;
        _positions = [0, .. cuts.Positions];
        Placements = [.. cluster.Hosts.Select(host => HostPlacement.Of(graph, host))];
        CrossingBytes = Crossing();
        _outputs = [.. graph.Nodes.Select(node => node.Op is View ? 0 : node.Outputs.Sum(output => output.Bytes))];

        // A host that holds everything at once holds every range.
        long inputs = graph.Inputs.Sum(input => input.Type.Bytes);
        long all = Parameters(Enumerable.Range(0, graph.Nodes.Length)) + _outputs.Sum() + inputs;
        _isRoomy = [.. cluster.Hosts.Select(host => host.Devices.All(device => device.MemoryBytes >= all + CrossingBytes.Max()))];
    }

    /// <summary>The place of the end.</summary>
    internal int Last => _positions.Length - 1;

    /// <summary>Which device of each host runs which node.</summary>
    internal ImmutableArray<HostPlacement> Placements { get; }

    /// <summary>Bytes of what crosses each place.</summary>
    internal long[] CrossingBytes { get; }

    /// <summary>The number of nodes before a place.</summary>
    internal int Position(int place) => _positions[place];

    /// <summary>Times of all ranges from a place on.</summary>
    /// <returns>For each host, and each place behind the first, picoseconds.</returns>
    internal long[][] Times(int from)
    {
        long[][] times = [.. Placements.Select(_ => new long[_positions.Length])];
        bool[] isCounted = new bool[_graph.Nodes.Length];
        long[] sums = new long[times.Length];
        for (int to = from + 1; to <= Last; to++)
        {
            for (int root = _positions[to - 1]; root < _positions[to]; root++)
            {
                foreach (int node in _cuts.Needed(root))
                {
                    for (int host = 0; host < sums.Length && !isCounted[node]; host++)
                    {
                        sums[host] = Cluster.Sum(sums[host], Placements[host].Times[node]);
                    }

                    isCounted[node] = true;
                }
            }

            for (int host = 0; host < sums.Length; host++)
            {
                times[host][to] = sums[host];
            }
        }

        return times;
    }

    /// <summary>Whether a host has the memory for a range.</summary>
    internal bool Fits(int host, int from, int to) => _isRoomy[host] || Excess(host, from, to, isExact: false) <= 0;

    /// <summary>Bytes that the fullest device of a host lacks for a range; 0 or less: it has them.</summary>
    internal long Excess(int host, int from, int to) => Excess(host, from, to, isExact: true);

    /// <summary>What a range holds on each device of a host.</summary>
    internal ImmutableArray<StageMemory?> Memory(int host, int from, int to)
    {
        long activations = Activations(from, to);
        return [.. Held(host, from, to).Select(held => held is null ? null : held with { Activations = activations })];
    }

    // Each value crosses the positions from behind its node to its last reader.
    private long[] Crossing()
    {
        long[] changes = new long[_graph.Nodes.Length + 1];
        foreach (ValueRef value in _cuts.Committed)
        {
            int last = int.Max(_cuts.LastNeed(value), value.Index);
            changes[value.Index + 1] += _graph.TypeOf(value).Bytes;
            changes[last + 1] -= _graph.TypeOf(value).Bytes;
        }

        for (int position = 1; position < changes.Length; position++)
        {
            changes[position] += changes[position - 1];
        }

        return [.. _positions.Select(position => changes[position])];
    }

    private long Excess(int host, int from, int to, bool isExact)
    {
        if (_excess.TryGetValue((host, from, to), out long known))
        {
            return known;
        }

        (StageMemory Held, long Room)[] held = [.. Held(host, from, to).Zip(_cluster.Hosts[host].Devices)
            .Where(pair => pair.First is not null).Select(pair => (pair.First!, pair.Second.MemoryBytes))];
        long least = held.Max(pair => pair.Held.Bytes - pair.Room);
        if (!isExact)
        {
            long handed = _cuts.Handed(_positions[from], _positions[to]).Sum(value => _graph.TypeOf(value).Bytes);
            long most = _cuts.Nodes(_positions[from], _positions[to]).Sum(node => _outputs[node]);
            if (least + handed > 0 || least + most <= 0)
            {
                return least + handed > 0 ? least + handed : 0;
            }
        }

        long excess = least + Activations(from, to);
        _excess[(host, from, to)] = excess;
        return excess;
    }

    // Everything but the activations.
    private ImmutableArray<StageMemory?> Held(int host, int from, int to)
    {
        ImmutableArray<int> nodes = _cuts.Nodes(_positions[from], _positions[to]);
        long boundary = CrossingBytes[from] + nodes.SelectMany(node => _cuts.Sources(node))
            .Where(source => source.Kind == ValueKind.Input).Distinct().Sum(source => _graph.TypeOf(source).Bytes);
        return [.. _cluster.Hosts[host].Devices.Select((_, device) =>
        {
            int[] own = [.. nodes.Where(node => Placements[host].Devices[node] == device && _graph.Nodes[node].Op is not View)];
            return own.Length == 0 ? null : new StageMemory(Parameters(own), 0, boundary);
        })];
    }

    private long Parameters(IEnumerable<int> nodes) => nodes.SelectMany(node => _cuts.Sources(node))
        .Where(source => source.Kind == ValueKind.Parameter).Select(source => _graph.Parameters[source.Index].Value).Distinct().Sum(value => value.Type.Bytes);

    private long Activations(int from, int to)
    {
        if (!_activations.TryGetValue((from, to), out long bytes))
        {
            bytes = Planner.Plan(GraphPart.Of(_graph, _cuts, _positions[from], _positions[to]).Graph).ActivationBytes;
            _activations[(from, to)] = bytes;
        }

        return bytes;
    }
}
