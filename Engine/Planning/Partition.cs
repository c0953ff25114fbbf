using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Planning;

/// <summary>What a stage holds on one device of its host, in bytes.</summary>
/// <param name="Parameters">Parameters that its nodes on the device read, each tensor once.</param>
/// <param name="Activations">Intermediates and outputs, as <see cref="Planner"/> places them.</param>
/// <param name="Boundary">Values that reach the stage from earlier ones, those that it only passes on included, and the graph inputs that it reads.</param>
public sealed record StageMemory(long Parameters, long Activations, long Boundary)
{
    /// <summary>All of it.</summary>
    public long Bytes => Parameters + Activations + Boundary;
}

/// <summary>A range of nodes on one host: a stage of a pipeline. Times in picoseconds.</summary>
/// <param name="Host">The number of the host.</param>
/// <param name="First">The first node.</param>
/// <param name="End">The node behind the last.</param>
/// <param name="Compute">Time of the nodes that are computed for the range (<see cref="Cuts.Nodes"/>).</param>
/// <param name="TransferIn">Time in which what crosses the cut before it arrives.</param>
/// <param name="TransferOut">Time in which what crosses the cut behind it leaves.</param>
/// <param name="Memory">What it holds, for each device of the host that runs any of its nodes; null for another.</param>
public sealed record PipelineStage(
    int Host, int First, int End, long Compute, long TransferIn, long TransferOut, ImmutableArray<StageMemory?> Memory)
{
    /// <summary>Time that the host is busy with one run.</summary>
    public long Time => Cluster.Sum(Cluster.Sum(TransferIn, Compute), TransferOut);
}

/// <summary>A graph placed on hosts.</summary>
/// <param name="Stages">The stages, in the order in which they run.</param>
/// <param name="Placements">For each host of the cluster, on which of its devices nodes run.</param>
/// <param name="CrossingBytes">Bytes of all values that cross cuts, counted at each cut that they cross.</param>
public sealed record Partition(ImmutableArray<PipelineStage> Stages, ImmutableArray<HostPlacement> Placements, long CrossingBytes)
{
    /// <summary>Time of the slowest stage: as often the pipeline gives a result, once it is full.</summary>
    public long Slowest => Stages.Max(stage => stage.Time);

    /// <summary>Time from inputs to outputs of one run; a transfer counts once, not at both its ends.</summary>
    public long Latency => Stages.Aggregate(0L, (time, stage) => Cluster.Sum(time, Cluster.Sum(stage.TransferIn, stage.Compute)));
}
