using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Backends;

/// <summary>The program of a backend that knows single nodes only.</summary>
internal sealed class NodeProgram(Graph graph, IBackend backend) : IProgram
{
    private readonly Dictionary<ValueRef, ReadOnlyMemory<byte>> _bound = [];

    /// <inheritdoc/>
    public ImmutableArray<Stage> Stages { get; } =
        [.. Enumerable.Range(0, graph.Nodes.Length).Where(node => graph.Nodes[node].Op is not View).Select(Stage.Of)];

    /// <inheritdoc/>
    public void Bind(ValueRef value, ReadOnlyMemory<byte> bytes) => _bound[value] = bytes;

    /// <inheritdoc/>
    public void Run(int stage, CancellationToken cancellation)
    {
        int index = Stages[stage].Nodes[0];
        Node node = graph.Nodes[index];
        ImmutableArray<Memory<byte>> outputs =
            [.. node.Outputs.Select((_, slot) => MemoryMarshal.AsMemory(_bound[new ValueRef(ValueKind.Node, index, slot)]))];
        backend.Run(new NodeCall(node, [.. node.Inputs.Select(OperandOf)], outputs), cancellation);
    }

    /// <inheritdoc/>
    public void End()
    {
    }

    private Operand OperandOf(ValueRef value)
    {
        (ValueRef source, AffineView map) = graph.Resolve(value);
        Tensor? parameter = source.Kind == ValueKind.Parameter ? graph.Parameters[source.Index].Value : null;
        return new Operand(graph.TypeOf(value), parameter?.Bytes ?? _bound[source], map, parameter);
    }
}
