using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Planning;

namespace VerifiableCompute.Engine.Tests.Planning;

/// <summary>Hosts that nobody would buy: any speeds, memories and links, from a seed.</summary>
internal static class Hosts
{
    /// <summary>Some hosts.</summary>
    /// <param name="random">The draws.</param>
    /// <param name="hosts">How many.</param>
    /// <param name="memory">What one would hold who ran all.</param>
    /// <param name="ops">Names of ops that some of them lack.</param>
    /// <param name="isTight">Whether all have less than they would hold together.</param>
    internal static Cluster Draw(Adversarial random, int hosts, long memory, IEnumerable<string> ops, bool isTight = false)
    {
        string[] names = [.. ops.Distinct()];
        Device Device(string name) => new(
            name,
            new Speed(Positive(random), Positive(random), Positive(random)),
            isTight ? memory * (20 + random.Below(60)) / 100 : random.Below(3) == 0 ? long.MaxValue / 8 : memory * random.Below(100) / 60,
            Positive(random))
        {
            LaunchMicroseconds = random.Below(3) == 0 ? 0.5 : 0,
            Without = random.Below(4) == 0 ? [names[random.Below(names.Length)]] : [],
        };
        Link? Link() => random.Below(6) == 0 ? null : new Link(Positive(random), random.Of(0, 0.1, 3));
        Dictionary<(int, int), Link> links = [];
        foreach ((int from, int to) in Enumerable.Range(0, hosts * hosts).Select(pair => (pair / hosts, pair % hosts)))
        {
            if (random.Below(2) == 0 && Link() is Link link)
            {
                links[(from, to)] = link;
            }
        }

        return new Cluster(
            [.. Enumerable.Range(0, hosts).Select(host => random.Below(2) == 0
                ? Host.Of(Device($"host{host}"))
                : new Host($"host{host}", [Device("cpu"), Device("gpu")], new Link(Positive(random), random.Of(0, 0.2))))],
            links.ToImmutableDictionary(),
            Link());
    }

    private static double Positive(Adversarial random) => random.Of(0.1, 1, 3, 7, 100) * (1 + random.Below(9));
}

/// <summary>Every partition, one after the other, by the words of the definition.</summary>
internal sealed class EveryPartition
{
    private readonly Graph _graph;
    private readonly IReadOnlySet<ValueRef> _committed;
    private readonly Cluster _cluster;
    private readonly HostPlacement[] _placements;
    private readonly Dictionary<(int, int), (SortedSet<int> Nodes, long Activations)> _ranges = [];

    internal EveryPartition(Graph graph, IReadOnlySet<ValueRef> committed, Cluster cluster)
    {
        _graph = graph;
        _committed = committed;
        _cluster = cluster;
        _placements = [.. cluster.Hosts.Select(host => HostPlacement.Of(graph, host))];
    }

    /// <summary>Least time of the slowest stage, and fewest bytes at that time; null where no partition fits. And the least excess of memory.</summary>
    internal ((long Slowest, long Bytes)? Best, long Excess) Search(bool anyOrder)
    {
        int[] positions = [.. Enumerable.Range(1, _graph.Nodes.Length).Where(MayCut)];
        (long, long)? best = null;
        long excess = long.MaxValue;
        foreach (int[] ends in Subsets(positions[..^1]).Select(cuts => (int[])[.. cuts, _graph.Nodes.Length]))
        {
            foreach (int[] hosts in Orders(ends.Length, anyOrder))
            {
                if (Measure(ends, hosts) is (long slowest, long bytes, long lacks))
                {
                    excess = long.Min(excess, lacks);
                    best = lacks == 0 && (best is null || (slowest, bytes).CompareTo(best.Value) < 0) ? (slowest, bytes) : best;
                }
            }
        }

        return (best, excess);
    }

    // A cut stands behind a committed output; and what must be computed again behind it has no committed output before it.
    private bool MayCut(int position) =>
        Slots(position - 1).Any(_committed.Contains)
        && Computed(position, _graph.Nodes.Length).All(node => node >= position || !Slots(node).Any(_committed.Contains));

    private (long Slowest, long Bytes, long Excess)? Measure(int[] ends, int[] hosts)
    {
        long slowest = 0;
        long bytes = 0;
        long excess = 0;
        for (int stage = 0; stage < ends.Length; stage++)
        {
            int first = stage == 0 ? 0 : ends[stage - 1];
            (SortedSet<int> nodes, long activations) = Range(first, ends[stage]);
            HostPlacement placement = _placements[hosts[stage]];
            long time = nodes.Aggregate(
                OnBus(first, ends[stage], nodes, _cluster.Hosts[hosts[stage]], placement), (sum, node) => long.Min(Cluster.Never, sum + placement.Times[node]));
            Link? In = stage == 0 ? null : _cluster.Between(hosts[stage - 1], hosts[stage]);
            Link? Out = stage == ends.Length - 1 ? null : _cluster.Between(hosts[stage], hosts[stage + 1]);
            long crossingIn = Crossing(first);
            long crossingOut = Crossing(ends[stage]);
            if (time >= Cluster.Never || (stage > 0 && In is null) || (stage < ends.Length - 1 && Out is null))
            {
                return null;
            }

            slowest = long.Max(slowest, time + (In?.TimeOf(crossingIn) ?? 0) + (Out?.TimeOf(crossingOut) ?? 0));
            bytes += crossingOut;
            ValueRef[] read = [.. nodes.SelectMany(node => _graph.Nodes[node].Inputs).Select(value => _graph.Resolve(value).Source).Distinct()];
            long inputs = read.Where(value => value.Kind == ValueKind.Input).Sum(value => _graph.TypeOf(value).Bytes);
            for (int device = 0; device < _cluster.Hosts[hosts[stage]].Devices.Length; device++)
            {
                int[] own = [.. nodes.Where(node => _graph.Nodes[node].Op is not Engine.Ops.View && placement.Devices[node] == device)];
                long parameters = own.SelectMany(node => _graph.Nodes[node].Inputs).Select(value => _graph.Resolve(value).Source)
                    .Where(value => value.Kind == ValueKind.Parameter).Select(value => _graph.Parameters[value.Index].Value).Distinct()
                    .Sum(value => value.Type.Bytes);
                long held = parameters + activations + crossingIn + inputs;
                excess = long.Max(excess, own.Length == 0 ? 0 : held - _cluster.Hosts[hosts[stage]].Devices[device].MemoryBytes);
            }
        }

        return (slowest, bytes, excess);
    }

    // A value crosses the bus if it is read, or given out, elsewhere than it was made: what is taken in comes to the first device, what leaves goes from
    // there.
    private long OnBus(int first, int end, SortedSet<int> nodes, Host host, HostPlacement placement)
    {
        Dictionary<ValueRef, HashSet<int>> wanted = [];
        void Want(ValueRef value, int device)
        {
            wanted.TryAdd(value, []);
            wanted[value].Add(device);
        }

        foreach (int node in nodes.Where(node => _graph.Nodes[node].Op is not Engine.Ops.View))
        {
            foreach (ValueRef value in _graph.Nodes[node].Inputs.Select(value => _graph.Resolve(value).Source))
            {
                Want(value, placement.Devices[node]);
            }
        }

        HashSet<ValueRef> outputs = [.. _graph.Outputs.Select(output => output.Value)];
        foreach (ValueRef value in Needed(end).Concat(outputs).Where(value => value.Index >= first && value.Index < end))
        {
            Want(value, 0);
        }

        long time = 0;
        foreach ((ValueRef value, HashSet<int> devices) in wanted.Where(pair => pair.Key.Kind != ValueKind.Parameter))
        {
            bool isTaken = value.Kind == ValueKind.Input || (value.Index < first && _committed.Contains(value));
            int made = isTaken ? 0 : placement.Devices[value.Index];
            time = devices.Any(device => device != made) ? long.Min(Cluster.Never, time + host.Bus!.TimeOf(_graph.TypeOf(value).Bytes)) : time;
        }

        return time;
    }

    private (SortedSet<int> Nodes, long Activations) Range(int first, int end)
    {
        if (!_ranges.TryGetValue((first, end), out (SortedSet<int>, long) known))
        {
            known = (Computed(first, end), Planner.Plan(GraphPart.Of(_graph, Cuts.Of(_graph, _committed), first, end).Graph).ActivationBytes);
            _ranges[(first, end)] = known;
        }

        return known;
    }

    private long Crossing(int position) => Needed(position).Sum(value => _graph.TypeOf(value).Bytes);

    // Committed values before a position without which what is behind it cannot be computed.
    private ValueRef[] Needed(int position) => position == _graph.Nodes.Length ? [] : [.. Computed(position, _graph.Nodes.Length)
        .SelectMany(node => _graph.Nodes[node].Inputs).Select(value => _graph.Resolve(value).Source).Distinct()
        .Where(value => value.Kind == ValueKind.Node && value.Index < position && _committed.Contains(value))];

    // The nodes that the committed values of a range take.
    private SortedSet<int> Computed(int first, int end)
    {
        SortedSet<int> nodes = [];
        void Need(int node)
        {
            if (!nodes.Add(node))
            {
                return;
            }

            foreach (ValueRef value in _graph.Nodes[node].Inputs.Where(value => value.Kind == ValueKind.Node))
            {
                ValueRef source = _graph.Resolve(value).Source;
                if (source != value)
                {
                    nodes.Add(value.Index);
                }

                if (source.Kind == ValueKind.Node && !_committed.Contains(source))
                {
                    Need(source.Index);
                }
            }
        }

        foreach (int node in Enumerable.Range(first, end - first).Where(node => Slots(node).Any(_committed.Contains)))
        {
            Need(node);
        }

        return nodes;
    }

    private IEnumerable<ValueRef> Slots(int node) => _graph.Nodes[node].Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, node, slot));

    private static IEnumerable<int[]> Subsets(int[] of) =>
        Enumerable.Range(0, 1 << of.Length).Select(bits => of.Where((_, i) => (bits & (1 << i)) != 0).ToArray());

    private IEnumerable<int[]> Orders(int stages, bool anyOrder)
    {
        IEnumerable<int[]> orders = [[]];
        for (int stage = 0; stage < stages; stage++)
        {
            orders = orders.SelectMany(order => Enumerable.Range(0, _cluster.Hosts.Length)
                .Where(host => !order.Contains(host) && (anyOrder || order.Length == 0 || host > order[^1])).Select(host => (int[])[.. order, host]));
        }

        return orders;
    }
}
