using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;

using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Planning;

/// <summary>What the ranges of a graph's nodes take on the hosts of a cluster. Places are numbers of cuts: 0 is the beginning, <see cref="Last"/> the
/// end.</summary>
internal sealed class RangeCosts
{
    private readonly int[] _positions;
    private readonly Dictionary<(int, int), long> _activations = [];
    private readonly long _mostSteps;
    private long _steps;

    internal RangeCosts(Graph graph, Cuts cuts, Cluster cluster, long mostSteps)
    {
        _mostSteps = mostSteps;
        _positions = [0, .. cuts.Positions];
        Cluster = cluster;
        Graph = new RangeGraph(graph, cuts);
        Placements = [.. cluster.Hosts.Select(host => HostPlacement.Of(graph, host))];
        CrossingBytes = Bytes(Graph.Values.Where(value => value.IsCommitted));
        Dying = Graph.Values.Index().Where(entry => entry.Item.IsCommitted).ToLookup(entry => entry.Item.LastNeed, entry => entry.Index);
        Closing = Graph.Values.Index().Where(entry => entry.Item.IsCommitted && !entry.Item.IsOutput)
            .ToLookup(entry => entry.Item.LastRead, entry => entry.Index);
    }

    internal RangeGraph Graph { get; }

    internal Cluster Cluster { get; }

    /// <summary>The place of the end.</summary>
    internal int Last => _positions.Length - 1;

    /// <summary>Which device of each host runs which node.</summary>
    internal ImmutableArray<HostPlacement> Placements { get; }

    /// <summary>Bytes of what crosses each place.</summary>
    internal long[] CrossingBytes { get; }

    /// <summary>Committed values by the last node with a committed output that needs them.</summary>
    internal ILookup<int, int> Dying { get; }

    /// <summary>Committed values that are no outputs of the graph, by the last node that reads them.</summary>
    internal ILookup<int, int> Closing { get; }

    /// <summary>The number of nodes before a place.</summary>
    internal int Position(int place) => _positions[place];

    /// <summary>Counts steps of the search.</summary>
    /// <exception cref="NoPlacementException">There were too many.</exception>
    internal void Spend(long steps)
    {
        _steps += steps;
        if (_steps > _mostSteps)
        {
            throw new NoPlacementException(string.Create(
                CultureInfo.InvariantCulture,
                $"{Last - 1} positions for a cut and {Placements.Length} hosts take more than {_mostSteps:N0} steps of planning"));
        }
    }

    /// <summary>Bytes of some values that cross each place. A value crosses the positions from behind its node to its last reader.</summary>
    internal long[] Bytes(IEnumerable<RangeValue> values)
    {
        long[] changes = new long[Graph.Nodes.Length + 2];
        foreach (RangeValue value in values)
        {
            changes[value.Node + 1] += value.Bytes;
            changes[int.Max(value.LastNeed, value.Node) + 1] -= value.Bytes;
        }

        for (int position = 1; position < changes.Length; position++)
        {
            changes[position] += changes[position - 1];
        }

        return [.. _positions.Select(position => changes[position])];
    }

    /// <summary>Bytes of intermediates and outputs of a range.</summary>
    internal long Activations(int from, int to)
    {
        if (!_activations.TryGetValue((from, to), out long bytes))
        {
            Spend(4L * (_positions[to] - _positions[from]));
            bytes = Graph.Activations(_positions[from], _positions[to]);
            _activations[(from, to)] = bytes;
        }

        return bytes;
    }

    /// <summary>What a range holds on each device of a host; null for one that runs none of its nodes.</summary>
    internal ImmutableArray<StageMemory?> Memory(int host, int from, int to)
    {
        int[] nodes = [.. Graph.Cuts.Nodes(_positions[from], _positions[to]).Where(node => !Graph.Nodes[node].IsView)];
        long inputs = nodes.SelectMany(node => Graph.Nodes[node].Inputs).Distinct().Sum(input => Graph.InputBytes[input]);
        return [.. Cluster.Hosts[host].Devices.Select((_, device) =>
        {
            int[] own = [.. nodes.Where(node => Placements[host].Devices[node] == device)];
            long parameters = own.SelectMany(node => Graph.Nodes[node].Parameters).Distinct().Sum(tensor => Graph.TensorBytes[tensor]);
            return own.Length == 0 ? null : new StageMemory(parameters, Activations(from, to), CrossingBytes[from] + inputs);
        })];
    }
}
