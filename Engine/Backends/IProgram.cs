using System;
using System.Collections.Immutable;
using System.Threading;

using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Backends;

/// <summary>Nodes that a backend runs together.</summary>
/// <param name="Nodes">Their indices, ascending. The stage runs where the last of them stands in the graph, so their values are there, and are shown,
/// after those of nodes that stand between them.</param>
/// <param name="Hidden">Outputs of theirs that need no memory: nobody else reads them there. A visible one only of an <see cref="IDeviceProgram"/>.</param>
/// <param name="Over">Outputs that may lie where another value lay that nobody reads after the stage.</param>
public sealed record Stage(
    ImmutableArray<int> Nodes, ImmutableArray<ValueRef> Hidden, ImmutableArray<(ValueRef Output, ValueRef Operand)> Over)
{
    /// <summary>A node alone.</summary>
    public static Stage Of(int node) => new([node], [], []);
}

/// <summary>A graph that a backend has prepared to be run many times, once at a time. Every node that is not a view is in one stage.</summary>
public interface IProgram
{
    /// <summary>The stages, in the order in which they run: their last nodes ascend.</summary>
    ImmutableArray<Stage> Stages { get; }

    /// <summary>Says where a value's bytes lie from now on: of a parameter, a graph input, or a node's output that is not hidden. Empty memory takes
    /// the last answer back.</summary>
    void Bind(ValueRef value, ReadOnlyMemory<byte> bytes);

    /// <summary>Runs a stage; all values that it reads or fills are bound.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what the stage fills is undefined.</exception>
    /// <exception cref="BackendException">The device failed.</exception>
    void Run(int stage, CancellationToken cancellation);

    /// <summary>A run is over: what was borrowed for it is given back.</summary>
    void End();
}
