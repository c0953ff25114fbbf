using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Planning;

//
//  Which of a host's two devices runs a node
//
//  Nodes run one after the other. A run takes the time of each node where it runs, and for each value that is read on the other device than the one that
//  made it, one transfer over the bus (once, however many read it there). Inputs of the graph are made, and its outputs read, on the first device;
//  parameters lie on both. The least sum is a minimum cut: a node on the source's side is on the first device. Cutting it from the source costs
//  its time on the second, from the sink its time on the first; a value that the first makes and the second reads is cut between its node and a place
//  that all its readers hang on, and likewise the other way. So the choice is exact, of all 2^n, in time polynomial in n.
//

/// <summary>Which of a host's devices runs each node of a graph, so that one run of the whole graph takes the least time.</summary>
/// <param name="Devices">For each node, the number of its device; of a view 0.</param>
/// <param name="Times">For each node, the picoseconds that it takes there; <see cref="Cluster.Never"/> where it cannot run.</param>
/// <param name="Transfers">Picoseconds in which values go from one device to the other.</param>
public sealed record HostPlacement(ImmutableArray<int> Devices, ImmutableArray<long> Times, long Transfers)
{
    /// <summary>Picoseconds of a run; <see cref="Cluster.Never"/> where a node cannot run on any device.</summary>
    public long Time => Times.Aggregate(Transfers, Cluster.Sum);

    /// <summary>Places a graph's nodes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="host">Devices and bus.</param>
    /// <param name="able">Nodes that the second device can run; all if null, as far as it has their ops.</param>
    /// <exception cref="ArgumentException">The host has not one or two devices with a bus between.</exception>
    /// <exception cref="NoPlacementException">The choice would take too long.</exception>
    public static HostPlacement Of(Graph graph, Host host, IReadOnlySet<int>? able = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(host);
        ImmutableArray<Work> work = [.. graph.Nodes.Select(node => Work.Of(graph, node))];
        ImmutableArray<long> TimesOn(int device) =>
        [
            .. graph.Nodes.Select((node, index) => device == 1 && able?.Contains(index) == false
                ? Cluster.Never : host.Devices[device].TimeOf(node, work[index])),
        ];
        return host.Devices.Length switch
        {
            1 => new HostPlacement([.. work.Select(_ => 0)], TimesOn(0), 0),
            2 when host.Bus is not null => Of(graph, TimesOn(0), TimesOn(1), host.Bus),
            _ => throw Error.HostDevices(host.Name),
        };
    }

    private static HostPlacement Of(Graph graph, ImmutableArray<long> first, ImmutableArray<long> second, Link bus)
    {
        Dictionary<ValueRef, SortedSet<int>> readers = Readers(graph);
        HashSet<ValueRef> outputs = [.. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        MinimumCut network = new(2 + graph.Nodes.Length + (2 * readers.Count));
        int place = 2 + graph.Nodes.Length;
        for (int node = 0; node < graph.Nodes.Length; node++)
        {
            network.Add(MinimumCut.Source, 2 + node, second[node]);
            network.Add(2 + node, MinimumCut.Sink, first[node]);
        }

        foreach ((ValueRef value, SortedSet<int> reading) in readers)
        {
            int maker = value.Kind == ValueKind.Node ? 2 + value.Index : MinimumCut.Source;
            long time = bus.TimeOf(graph.TypeOf(value).Bytes);
            int there = place++;
            int back = place++;
            network.Add(maker, there, time);
            network.Add(back, maker, time);
            foreach (int reader in reading)
            {
                network.Add(there, 2 + reader, Cluster.Never);
                network.Add(2 + reader, back, Cluster.Never);
            }

            if (outputs.Contains(value))
            {
                network.Add(MinimumCut.Source, back, Cluster.Never);
            }
        }

        bool[] isFirst = network.Solve();
        int[] devices = [.. graph.Nodes.Select((node, index) => node.Op is View || isFirst[2 + index] ? 0 : 1)];
        long[] times = [.. devices.Select((device, node) => device == 0 ? first[node] : second[node])];
        long transfers = 0;
        foreach ((ValueRef value, SortedSet<int> reading) in readers)
        {
            int made = value.Kind == ValueKind.Node ? devices[value.Index] : 0;
            if (reading.Any(reader => devices[reader] != made) || (made == 1 && outputs.Contains(value)))
            {
                transfers = Cluster.Sum(transfers, bus.TimeOf(graph.TypeOf(value).Bytes));
            }
        }

        return new HostPlacement([.. devices], [.. times], transfers);
    }

    // For each input and each output of a node, through views, the nodes that read it; parameters are everywhere.
    private static Dictionary<ValueRef, SortedSet<int>> Readers(Graph graph)
    {
        Dictionary<ValueRef, SortedSet<int>> readers = [];
        void Add(ValueRef value, int? reader)
        {
            ValueRef source = graph.Resolve(value).Source;
            if (source.Kind != ValueKind.Parameter)
            {
                readers.TryAdd(source, []);
                readers[source].UnionWith(reader is int node ? [node] : []);
            }
        }

        for (int node = 0; node < graph.Nodes.Length; node++)
        {
            foreach (ValueRef input in graph.Nodes[node].Op is View ? [] : graph.Nodes[node].Inputs)
            {
                Add(input, node);
            }
        }

        foreach (GraphOutput output in graph.Outputs)
        {
            Add(output.Value, null);
        }

        return readers;
    }
}
