using System;
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
//  Whether a range fits takes a plan of its buffers, which is what takes time. So a bound stands in for it until a range is the best that is left; then
//  its buffers are planned, and it is taken if it is still the best.
//

/// <summary>Places graphs on hosts: a pure function of graph, committed values and the description of the hosts.</summary>
public static class Partitioner
{
    /// <summary>Steps that planning may take, where nothing else is said: a minute or so.</summary>
    public const long MostSteps = 3_000_000_000;

    /// <summary>The partition whose slowest stage is the fastest, and of these one where the fewest bytes cross.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="cuts">Where it may be cut.</param>
    /// <param name="cluster">The hosts.</param>
    /// <param name="anyOrder">Whether stages may go to hosts in any order; otherwise in the cluster's. Hosts may be left out either way.</param>
    /// <param name="mostSteps">Steps that it may take: ranges that are looked at with hosts for them and what follows, nodes whose cost is added up or whose
    /// buffers are planned, and 64 for each state that is kept. As many for the same arguments.</param>
    /// <exception cref="ArgumentException">The cluster or the cuts are not valid; the message says why.</exception>
    /// <exception cref="NoPlacementException">No partition is within memory or the longest time of a plan, or an op has no host, or hosts
    /// have no link; or it would take more steps.</exception>
    public static Partition Partition(Graph graph, Cuts cuts, Cluster cluster, bool anyOrder = false, long mostSteps = MostSteps)
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

        RangeCosts costs = new(graph, cuts, cluster, mostSteps);
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
