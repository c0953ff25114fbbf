using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>A graph prepared for this machine's processors: what a node's run needs is made once, and a table says where each value lies now.</summary>
internal sealed class CpuProgram : IProgram
{
    private readonly Graph _graph;
    private readonly CpuBackend _backend;
    private readonly Scratch _scratch;
    private readonly Shared _shared;
    private readonly int[] _first;
    private readonly Pins _pins;
    private readonly KernelRun[] _runs;
    private Arena? _arena;

    internal CpuProgram(Graph graph, CpuBackend backend, Shared shared, Scratch scratch)
    {
        _graph = graph;
        _backend = backend;
        _shared = shared;
        _scratch = scratch;

        // Parameters, then inputs, then the outputs of each node.
        _first = new int[graph.Nodes.Length];
        int next = graph.Parameters.Length + graph.Inputs.Length;
        for (int node = 0; node < _first.Length; node++)
        {
            _first[node] = next;
            next += graph.Nodes[node].Outputs.Length;
        }

        _pins = new Pins(next);
        Steps = [.. Enumerable.Range(0, graph.Nodes.Length).Where(node => graph.Nodes[node].Op is not View).Select(Step.Of)];
        _runs = [.. Steps.Select(step => Prepare(step.Nodes[0]))];
    }

    /// <inheritdoc/>
    public ImmutableArray<Step> Steps { get; }

    /// <inheritdoc/>
    public void Bind(ValueRef value, ReadOnlyMemory<byte> bytes) => _pins.Set(Entry(value), bytes);

    /// <inheritdoc/>
    public void Run(int step, CancellationToken cancellation)
        => _backend.Run(_runs[step], _arena ??= _scratch.Rent(), cancellation);

    /// <inheritdoc/>
    public void End()
    {
        if (_arena is not null)
        {
            _scratch.Return(_arena);
            _arena = null;
        }
    }

    private int Entry(ValueRef value) => value.Kind switch
    {
        ValueKind.Parameter => value.Index,
        ValueKind.Input => _graph.Parameters.Length + value.Index,
        _ => _first[value.Index] + value.Slot,
    };

    private KernelRun Prepare(int index)
    {
        Node node = _graph.Nodes[index];
        NodeCall call = new(node, [.. node.Inputs.Select(OperandOf)], [.. node.Outputs.Select(_ => Memory<byte>.Empty)]);
        int[] inputs = [.. node.Inputs.Select(input => Entry(_graph.Resolve(input).Source))];
        return new KernelRun(call, _shared, _pins.Addresses, inputs, [.. Enumerable.Range(_first[index], node.Outputs.Length)]);
    }

    private Operand OperandOf(ValueRef value)
    {
        (ValueRef source, AffineView map) = _graph.Resolve(value);
        Tensor? parameter = source.Kind == ValueKind.Parameter ? _graph.Parameters[source.Index].Value : null;
        return new Operand(_graph.TypeOf(value), default, map, parameter);
    }
}
