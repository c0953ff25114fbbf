using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Execution;

/// <summary>How far a run is.</summary>
/// <param name="Done">Nodes finished.</param>
/// <param name="Total">Nodes in the graph.</param>
/// <param name="Node">Name of the node just finished.</param>
public readonly record struct RunProgress(int Done, int Total, string Node);

/// <summary>Runs a graph on a backend. Reusable, one run at a time; several executors may share a backend and run at once.</summary>
public sealed class Executor
{
    private readonly IBackend _backend;
    private readonly byte[][] _buffers;
    private bool _running;

    /// <summary>Plans the graph and holds its buffers. The backend stays the caller's.</summary>
    public Executor(Graph graph, IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(backend);
        Graph = graph;
        Plan = Planner.Plan(graph);
        _backend = backend;
        _buffers = [.. Plan.Buffers.Select(bytes => GC.AllocateUninitializedArray<byte>((int)bytes, pinned: true))];
    }

    /// <summary>What is run.</summary>
    public Graph Graph { get; }

    /// <summary>Where its values live.</summary>
    public Plan Plan { get; }

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">One tensor for each graph input, of its type, canonical (see <see cref="Tensor.Canonical"/>).</param>
    /// <param name="progress">Told after each node.</param>
    /// <param name="cancellation">Cancels between and within nodes.</param>
    /// <returns>One tensor for each graph output.</returns>
    /// <exception cref="ArgumentException">An input is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">A run of this executor is under way.</exception>
    public ImmutableArray<Tensor> Run(
        ImmutableArray<Tensor> inputs, IProgress<RunProgress>? progress = null, CancellationToken cancellation = default)
        => Run(inputs, visit: null, progress, cancellation);

    /// <summary>Runs the graph and shows every computed value to a visitor while its bytes are in place.</summary>
    /// <param name="inputs">As in <see cref="Run(ImmutableArray{Tensor}, IProgress{RunProgress}?, CancellationToken)"/>.</param>
    /// <param name="visit">Called once for each output of each node that is not a view, in order; the tensor is valid during the call only.</param>
    /// <param name="progress">Told after each node.</param>
    /// <param name="cancellation">Cancels between and within nodes.</param>
    public ImmutableArray<Tensor> Run(
        ImmutableArray<Tensor> inputs,
        Action<ValueRef, Tensor>? visit,
        IProgress<RunProgress>? progress,
        CancellationToken cancellation)
    {
        CheckInputs(inputs);
        if (_running)
        {
            throw Error.Running();
        }

        _running = true;
        try
        {
            return RunNodes(inputs, visit, progress, cancellation);
        }
        finally
        {
            _running = false;
        }
    }

    private ImmutableArray<Tensor> RunNodes(
        ImmutableArray<Tensor> inputs,
        Action<ValueRef, Tensor>? visit,
        IProgress<RunProgress>? progress,
        CancellationToken cancellation)
    {
        Dictionary<ValueRef, byte[]> own = [];
        for (int index = 0; index < Graph.Nodes.Length; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            Node node = Graph.Nodes[index];
            if (node.Op is not View)
            {
                RunNode(index, node, inputs, own, visit, cancellation);
            }

            progress?.Report(new RunProgress(index + 1, Graph.Nodes.Length, node.Name));
        }

        return [.. Graph.Outputs.Select(output => Finished(output.Value, inputs, own))];
    }

    private void RunNode(
        int index,
        Node node,
        ImmutableArray<Tensor> inputs,
        Dictionary<ValueRef, byte[]> own,
        Action<ValueRef, Tensor>? visit,
        CancellationToken cancellation)
    {
        Memory<byte>[] outputs = new Memory<byte>[node.Outputs.Length];
        for (int slot = 0; slot < outputs.Length; slot++)
        {
            int bytes = (int)node.Outputs[slot].Bytes;
            int place = Plan.Places[index][slot];
            if (place == Plan.IsOutput)
            {
                byte[] fresh = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
                own[new ValueRef(ValueKind.Node, index, slot)] = fresh;
                outputs[slot] = fresh;
            }
            else
            {
                outputs[slot] = _buffers[place].AsMemory(0, bytes);
            }
        }

        ImmutableArray<Operand> operands = [.. node.Inputs.Select(input => OperandOf(input, inputs, own))];
        _backend.Run(new NodeCall(node, operands, [.. outputs]), cancellation);
        for (int slot = 0; visit is not null && slot < outputs.Length; slot++)
        {
            visit(new ValueRef(ValueKind.Node, index, slot), new Tensor(node.Outputs[slot], outputs[slot]));
        }
    }

    private Operand OperandOf(ValueRef value, ImmutableArray<Tensor> inputs, Dictionary<ValueRef, byte[]> own)
    {
        (ValueRef source, AffineView map) = Graph.Resolve(value);
        TensorType type = Graph.TypeOf(value);
        if (source.Kind == ValueKind.Parameter)
        {
            Tensor parameter = Graph.Parameters[source.Index].Value;
            return new Operand(type, parameter.Bytes, map, parameter);
        }

        return new Operand(type, Bytes(source, inputs, own), map, Parameter: null);
    }

    private ReadOnlyMemory<byte> Bytes(ValueRef source, ImmutableArray<Tensor> inputs, Dictionary<ValueRef, byte[]> own)
    {
        if (source.Kind == ValueKind.Input)
        {
            return inputs[source.Index].Bytes;
        }

        int place = Plan.Places[source.Index][source.Slot];
        Debug.Assert(place != Plan.IsView, "views are resolved to their sources");
        return place == Plan.IsOutput
            ? own[source]
            : _buffers[place].AsMemory(0, (int)Graph.TypeOf(source).Bytes);
    }

    // A graph output may be a view, an input or a parameter: where its elements lie together it shares their bytes, otherwise it is a copy.
    private Tensor Finished(ValueRef value, ImmutableArray<Tensor> inputs, Dictionary<ValueRef, byte[]> own)
        => own.TryGetValue(value, out byte[]? bytes)
            ? new Tensor(Graph.TypeOf(value), bytes)
            : OperandOf(value, inputs, own).ToTensor();

    private void CheckInputs(ImmutableArray<Tensor> inputs)
    {
        if (inputs.Length != Graph.Inputs.Length)
        {
            throw Error.InputCount(Graph.Inputs.Length, inputs.Length);
        }

        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Type != Graph.Inputs[i].Type)
            {
                throw Error.InputType(Graph.Inputs[i].Name, Graph.Inputs[i].Type, inputs[i].Type);
            }
        }
    }
}
