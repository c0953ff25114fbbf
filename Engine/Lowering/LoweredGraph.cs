using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>What lowering makes of a graph.</summary>
/// <param name="Graph">The graph to run, with its parameters; node i is record i.</param>
/// <param name="Committed">The same graph as data.</param>
public sealed record LoweredGraph(Graph Graph, CommittedGraph Committed);
