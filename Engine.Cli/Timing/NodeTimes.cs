using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Timing;

/// <summary>What a node, or all nodes of an op, took.</summary>
/// <param name="Name">The node's name; of many, the op's.</param>
/// <param name="Op">The op.</param>
/// <param name="Count">How many nodes.</param>
/// <param name="Seconds">Median over the runs, of all of them together.</param>
/// <param name="Work">Operations of their products.</param>
internal sealed record NodeTime(string Name, string Op, int Count, double Seconds, long Work)
{
    /// <summary>10^9 operations of products a second.</summary>
    internal double Gflops => Seconds > 0 ? Work / Seconds / 1e9 : 0;
}

/// <summary>Times a run node by node, from what the executor reports after each. Nodes run alone and every value is stored, so the sum is more than what
/// a run takes in which some run as one.</summary>
internal sealed class NodeTimes : IProgress<RunProgress>
{
    private readonly Graph _graph;
    private readonly List<double>[] _seconds;
    private double _last;

    private NodeTimes(Graph graph)
    {
        _graph = graph;
        _seconds = [.. graph.Nodes.Select(_ => new List<double>())];
    }

    /// <summary>Runs a graph some times.</summary>
    /// <returns>The nodes that are not views, in order.</returns>
    internal static ImmutableArray<NodeTime> Measure(
        Graph graph, IBackend backend, ImmutableArray<Tensor> inputs, int runs, CancellationToken cancellation)
    {
        NodeTimes times = new(graph);
        Executor executor = new(graph, new Alone(backend));
        executor.Run(inputs, cancellation: cancellation);
        for (int run = 0; run < runs; run++)
        {
            times._last = Turns.Wall;
            executor.Run(inputs, times, cancellation);
        }

        return times.Result();
    }

    /// <summary>All nodes of an op together, the longest first.</summary>
    internal static ImmutableArray<NodeTime> ByOp(ImmutableArray<NodeTime> nodes) =>
    [
        .. nodes.GroupBy(node => node.Op)
            .Select(group => new NodeTime(group.Key, group.Key, group.Count(), group.Sum(node => node.Seconds), group.Sum(node => node.Work)))
            .OrderByDescending(group => group.Seconds),
    ];

    /// <inheritdoc/>
    public void Report(RunProgress value)
    {
        double now = Turns.Wall;
        _seconds[value.Done - 1].Add(now - _last);
        _last = now;
    }

    private ImmutableArray<NodeTime> Result() =>
    [
        .. _graph.Nodes.Zip(_seconds)
            .Where(pair => pair.First.Op is not Ops.View && pair.Second.Count > 0)
            .Select(pair => new NodeTime(
                pair.First.Name, pair.First.Op.Name, 1, new Samples([.. pair.Second]).Median, Work.Products(_graph, pair.First))),
    ];

    // What says nothing of its own about a graph runs its nodes one by one.
    private sealed class Alone(IBackend backend) : IBackend
    {
        public string Name => backend.Name;

        public void Run(NodeCall call, CancellationToken cancellation) => backend.Run(call, cancellation);

        public void Dispose()
        {
        }
    }
}
