using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Planning;

/// <summary>What all ranges from one place on take, by the place where they end.</summary>
/// <param name="From">The place.</param>
/// <param name="Times">For each host, picoseconds of computing.</param>
/// <param name="Held">For each host, bytes that the fullest device lacks (above 0) or has left for what the range holds beside its activations.</param>
/// <param name="Fewest">Bytes that the activations have at least: what leaves the range.</param>
/// <param name="Most">Bytes that they have at most: all outputs of all nodes.</param>
internal sealed record RangeRow(int From, long[][] Times, long[][] Held, long[] Fewest, long[] Most);

/// <summary>What the ranges of a graph's nodes take on the hosts of a cluster. Places are numbers of cuts: 0 is the beginning, <see cref="Last"/> the
/// end.</summary>
internal sealed class RangeCosts
{
    private readonly Graph _graph;
    private readonly Cuts _cuts;
    private readonly Cluster _cluster;
    private readonly int[] _positions;
    private readonly long[] _outputs;
    private readonly int[] _tensors;
    private readonly Dictionary<(int, int), long> _activations = [];

    internal RangeCosts(Graph graph, Cuts cuts, Cluster cluster)
    {
        _graph = graph;
        _cuts = cuts;
        _cluster = cluster;
        _positions = [0, .. cuts.Positions];
        Placements = [.. cluster.Hosts.Select(host => HostPlacement.Of(graph, host))];
        _outputs = [.. graph.Nodes.Select(node => node.Op is View ? 0 : node.Outputs.Sum(output => output.Bytes))];
        Dictionary<Tensor, int> numbers = [];
        _tensors = [.. graph.Parameters.Select(parameter => numbers.TryAdd(parameter.Value, numbers.Count) ? numbers.Count - 1 : numbers[parameter.Value])];
        CrossingBytes = Bytes(cuts.Committed);
    }

    /// <summary>The place of the end.</summary>
    internal int Last => _positions.Length - 1;

    /// <summary>Which device of each host runs which node.</summary>
    internal ImmutableArray<HostPlacement> Placements { get; }

    /// <summary>Bytes of what crosses each place.</summary>
    internal long[] CrossingBytes { get; }

    /// <summary>The number of nodes before a place.</summary>
    internal int Position(int place) => _positions[place];

    /// <summary>All ranges from a place on.</summary>
    internal RangeRow Row(int from)
    {
        int hosts = Placements.Length;
        long[] passing = Bytes(_cuts.Crossing(_positions[from]));
        RangeRow row = new(from, Table(hosts), Table(hosts), new long[Last + 1], new long[Last + 1]);
        RowSums sums = new(this, from);
        bool[] isCounted = new bool[_graph.Nodes.Length];
        for (int to = from + 1; to <= Last; to++)
        {
            for (int root = _positions[to - 1]; root < _positions[to]; root++)
            {
                foreach (int node in _cuts.Need(root, isCounted))
                {
                    sums.Add(node);
                }
            }

            for (int host = 0; host < hosts; host++)
            {
                row.Times[host][to] = sums.Times[host];
                row.Held[host][to] = sums.Lack(host);
            }

            row.Fewest[to] = CrossingBytes[to] - passing[to];
            row.Most[to] = sums.Outputs;
        }

        return row;
    }

    /// <summary>Whether a host has the memory for a range.</summary>
    internal bool Fits(RangeRow row, int host, int to)
    {
        long held = row.Held[host][to];
        return held + row.Most[to] <= 0 || (held + row.Fewest[to] <= 0 && held + Activations(row.From, to) <= 0);
    }

    /// <summary>Bytes that the fullest device of a host lacks for a range; 0 or less: it has them.</summary>
    internal long Excess(RangeRow row, int host, int to) => row.Held[host][to] + Activations(row.From, to);

    /// <summary>What a range holds on each device of a host; null for one that runs none of its nodes.</summary>
    internal ImmutableArray<StageMemory?> Memory(int host, int from, int to)
    {
        ImmutableArray<int> nodes = _cuts.Nodes(_positions[from], _positions[to]);
        long inputs = nodes.SelectMany(node => _cuts.Sources(node))
            .Where(source => source.Kind == ValueKind.Input).Distinct().Sum(source => _graph.TypeOf(source).Bytes);
        return [.. _cluster.Hosts[host].Devices.Select((_, device) =>
        {
            int[] own = [.. nodes.Where(node => Placements[host].Devices[node] == device && _graph.Nodes[node].Op is not View)];
            long parameters = own.SelectMany(node => _cuts.Sources(node)).Where(source => source.Kind == ValueKind.Parameter)
                .Select(source => _graph.Parameters[source.Index].Value).Distinct().Sum(value => value.Type.Bytes);
            return own.Length == 0 ? null : new StageMemory(parameters, Activations(from, to), CrossingBytes[from] + inputs);
        })];
    }

    private long Activations(int from, int to)
    {
        if (!_activations.TryGetValue((from, to), out long bytes))
        {
            bytes = Planner.Plan(GraphPart.Of(_graph, _cuts, _positions[from], _positions[to]).Graph).ActivationBytes;
            _activations[(from, to)] = bytes;
        }

        return bytes;
    }

    // Bytes of those of some values that cross each place. A value crosses the positions from behind its node to its last reader.
    private long[] Bytes(IEnumerable<ValueRef> values)
    {
        long[] changes = new long[_graph.Nodes.Length + 2];
        foreach (ValueRef value in values)
        {
            changes[value.Index + 1] += _graph.TypeOf(value).Bytes;
            changes[int.Max(_cuts.LastNeed(value), value.Index) + 1] -= _graph.TypeOf(value).Bytes;
        }

        for (int position = 1; position < changes.Length; position++)
        {
            changes[position] += changes[position - 1];
        }

        return [.. _positions.Select(position => changes[position])];
    }

    private long[][] Table(int hosts) => [.. Enumerable.Range(0, hosts).Select(_ => new long[Last + 1])];

    /// <summary>Sums over the nodes of a range that grows, each added once.</summary>
    private sealed class RowSums(RangeCosts costs, int from)
    {
        private readonly bool[] _isRead = new bool[costs._graph.Inputs.Length];
        private readonly HashSet<(int Host, int Device, int Tensor)> _tensors = [];

        // For each host and device bytes of parameters; −1: no node runs there.
        private readonly long[][] _parameters = [.. costs._cluster.Hosts.Select(host => Enumerable.Repeat(-1L, host.Devices.Length).ToArray())];
        private long _inputs;

        internal long[] Times { get; } = new long[costs.Placements.Length];

        internal long Outputs { get; private set; }

        internal void Add(int node)
        {
            Outputs += costs._outputs[node];
            foreach (ValueRef source in costs._cuts.Sources(node))
            {
                if (source.Kind == ValueKind.Input && !_isRead[source.Index])
                {
                    _isRead[source.Index] = true;
                    _inputs += costs._graph.TypeOf(source).Bytes;
                }
            }

            for (int host = 0; host < Times.Length && costs._graph.Nodes[node].Op is not View; host++)
            {
                Times[host] = Cluster.Sum(Times[host], costs.Placements[host].Times[node]);
                int device = costs.Placements[host].Devices[node];
                long bytes = long.Max(_parameters[host][device], 0);
                foreach (ValueRef source in costs._cuts.Sources(node))
                {
                    if (source.Kind == ValueKind.Parameter && _tensors.Add((host, device, costs._tensors[source.Index])))
                    {
                        bytes += costs._graph.TypeOf(source).Bytes;
                    }
                }

                _parameters[host][device] = bytes;
            }
        }

        // Bytes that the fullest device lacks for everything but activations.
        internal long Lack(int host)
        {
            long most = long.MinValue / 2;
            for (int device = 0; device < _parameters[host].Length; device++)
            {
                long room = costs._cluster.Hosts[host].Devices[device].MemoryBytes;
                most = _parameters[host][device] < 0 ? most : long.Max(most, _parameters[host][device] - room);
            }

            return most + costs.CrossingBytes[from] + _inputs;
        }
    }
}
