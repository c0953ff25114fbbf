using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.InteropServices;
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

/// <summary>Runs a graph on a backend. Reusable, one run at a time; several executors may share a backend and run at once. What a run needs is
/// prepared once and kept: for runs that nobody watches, and for the last set of values that somebody watched.</summary>
public sealed class Executor
{
    private static readonly IReadOnlySet<ValueRef> Nothing = ImmutableHashSet<ValueRef>.Empty;

    private readonly IBackend _backend;
    private readonly byte[]?[] _free;
    private Prepared _last;
    private Prepared? _unwatched;
    private Prepared? _watched;
    private bool _running;

    /// <summary>Prepares runs that nobody watches. The backend stays the caller's.</summary>
    public Executor(Graph graph, IBackend backend)
        : this(graph, backend, Nothing)
    {
    }

    /// <summary>Prepares runs that show some values to a visitor. The backend stays the caller's.</summary>
    public Executor(Graph graph, IBackend backend, IReadOnlySet<ValueRef> visible)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(visible);
        Graph = graph;
        _backend = backend;
        _last = Prepare(visible);
        _free = new byte[]?[_last.Outputs.Length];
    }

    /// <summary>What is run.</summary>
    public Graph Graph { get; }

    /// <summary>Where its values live in the last run, or in the first if there was none.</summary>
    public Plan Plan => _last.Plan;

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">One tensor for each graph input, of its type, canonical (see <see cref="Tensor.Canonical"/>).</param>
    /// <param name="progress">Told of each node, some together where they run together.</param>
    /// <param name="cancellation">Cancels between and within nodes.</param>
    /// <returns>One tensor for each graph output.</returns>
    /// <exception cref="ArgumentException">An input is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">A run of this executor is under way.</exception>
    public ImmutableArray<Tensor> Run(
        ImmutableArray<Tensor> inputs, IProgress<RunProgress>? progress = null, CancellationToken cancellation = default)
        => RunVisited(inputs, visit: null, visible: null, progress, cancellation);

    /// <summary>Runs the graph and shows values to a visitor while their bytes are in place.</summary>
    /// <param name="inputs">As in <see cref="Run(ImmutableArray{Tensor}, IProgress{RunProgress}?, CancellationToken)"/>.</param>
    /// <param name="visit">Called once for each visible output of each node that is not a view, stage after stage (see <see cref="IProgram.Stages"/>), in a
    /// stage node after node; so a node that runs together with a later one is shown after those between them. The tensor is valid during the call
    /// only.</param>
    /// <param name="progress">Told of each node, some together where they run together.</param>
    /// <param name="cancellation">Cancels between and within nodes.</param>
    /// <param name="visible">What to show, as the set is at the call; null for everything. The less there is, the more of it need never be stored.</param>
    public ImmutableArray<Tensor> Run(
        ImmutableArray<Tensor> inputs,
        Action<ValueRef, Tensor>? visit,
        IProgress<RunProgress>? progress,
        CancellationToken cancellation,
        IReadOnlySet<ValueRef>? visible = null)
        => RunVisited(inputs, visit is null ? null : shown => visit(shown.Value, shown.ToTensor()), visible, progress, cancellation);

    /// <summary>The same for a visitor that may not need the bytes: where values lie on a device, what it asks for is fetched, and nothing else.</summary>
    /// <param name="inputs">As in <see cref="Run(ImmutableArray{Tensor}, IProgress{RunProgress}?, CancellationToken)"/>.</param>
    /// <param name="visit">Called as the other visitor is.</param>
    /// <param name="progress">Told of each node, some together where they run together.</param>
    /// <param name="cancellation">Cancels between and within nodes.</param>
    /// <param name="visible">What to show, as the set is at the call; null for everything.</param>
    /// <exception cref="ArgumentException">An input is missing or has another type.</exception>
    /// <exception cref="InvalidOperationException">A run of this executor is under way.</exception>
    public ImmutableArray<Tensor> Run(
        ImmutableArray<Tensor> inputs,
        Action<Shown> visit,
        IProgress<RunProgress>? progress,
        CancellationToken cancellation,
        IReadOnlySet<ValueRef>? visible = null)
    {
        ArgumentNullException.ThrowIfNull(visit);
        return RunVisited(inputs, visit, visible, progress, cancellation);
    }

    /// <summary>Gives the results of a run back: the next run writes into their memory instead of new memory, which saves the time to get it from the
    /// system. The caller promises that nobody reads them any more, nor anything that shares their bytes: whoever asks such a tensor for its elements is
    /// refused, but nobody sees that a span which was taken before is used.</summary>
    /// <param name="outputs">All that a run of this executor returned. Inputs and parameters among them stay their owners'.</param>
    /// <exception cref="ArgumentException">A tensor is no such result, or was given back before.</exception>
    /// <exception cref="InvalidOperationException">A run of this executor is under way.</exception>
    public void Recycle(ImmutableArray<Tensor> outputs)
    {
        if (_running)
        {
            throw Error.Running();
        }

        if (outputs.Length != Graph.Outputs.Length)
        {
            throw Error.OutputCount(Graph.Outputs.Length, outputs.Length);
        }

        Result?[] given = new Result?[_free.Length];
        for (int output = 0; output < outputs.Length; output++)
        {
            (ValueRef source, AffineView map) = Graph.Resolve(Graph.Outputs[output].Value);
            if (source.Kind == ValueKind.Node && map.IsContiguous)
            {
                bool own = MemoryMarshal.TryGetMemoryManager(outputs[output].Bytes, out Result? result) && result.Is(this, source);
                int index = IndexOf(_last, source);
                given[index] = own && (given[index] ?? result) == result ? result : throw Error.NotAResult(Graph.Outputs[output].Name);
            }
        }

        for (int index = 0; index < given.Length; index++)
        {
            _free[index] = given[index]?.Leave() ?? _free[index];
        }
    }

    private ImmutableArray<Tensor> RunVisited(
        ImmutableArray<Tensor> inputs,
        Action<Shown>? visit,
        IReadOnlySet<ValueRef>? visible,
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
            _last = Prepare(visit is null ? Nothing : visible ?? Everything());
            return RunStages(_last, inputs, visit, progress, cancellation);
        }
        finally
        {
            _running = false;
        }
    }

    private Prepared Prepare(IReadOnlySet<ValueRef> visible)
    {
        if (visible.Count == 0)
        {
            return _unwatched ??= new Prepared(Graph, _backend, visible);
        }

        bool same = _watched is not null && (ReferenceEquals(_watched.Visible, visible) || _watched.Visible.SetEquals(visible));
        return same ? _watched! : _watched = new Prepared(Graph, _backend, visible);
    }

    private HashSet<ValueRef> Everything() =>
    [
        .. Graph.Nodes.SelectMany((node, index) => node.Op is View
            ? [] : Enumerable.Range(0, node.Outputs.Length).Select(slot => new ValueRef(ValueKind.Node, index, slot))),
    ];

    private ImmutableArray<Tensor> RunStages(
        Prepared prepared,
        ImmutableArray<Tensor> inputs,
        Action<Shown>? visit,
        IProgress<RunProgress>? progress,
        CancellationToken cancellation)
    {
        IProgram program = prepared.Program;
        Memory<byte>[] own = new Memory<byte>[prepared.Outputs.Length];
        try
        {
            for (int input = 0; input < inputs.Length; input++)
            {
                program.Bind(new ValueRef(ValueKind.Input, input), inputs[input].Bytes);
            }

            for (int output = 0; output < own.Length; output++)
            {
                own[output] = Take(output, prepared.Outputs[output]).Memory;
                program.Bind(prepared.Outputs[output].Value, own[output]);
            }

            int told = 0;
            int[] last = prepared.LastNodes;
            for (int stage = 0; stage < last.Length; stage++)
            {
                told = Tell(progress, told, last[stage], cancellation);
                program.Run(stage, cancellation);
                if (visit is not null)
                {
                    Visit(prepared, stage, own, visit);
                }

                told = Tell(progress, told, last[stage] + 1, cancellation);
            }

            prepared.Device?.FinishHashes();
            Tell(progress, told, Graph.Nodes.Length, cancellation);
        }
        finally
        {
            Release(prepared);
        }

        Tensor[] outputs = new Tensor[Graph.Outputs.Length];
        for (int output = 0; output < outputs.Length; output++)
        {
            outputs[output] = Finished(prepared, Graph.Outputs[output].Value, inputs, own);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(outputs);
    }

    private Result Take(int output, (ValueRef Value, int Bytes) wanted)
    {
        byte[] bytes = _free[output] ?? GC.AllocateUninitializedArray<byte>(wanted.Bytes);
        _free[output] = null;
        return new Result(this, wanted.Value, bytes);
    }

    private int Tell(IProgress<RunProgress>? progress, int from, int to, CancellationToken cancellation)
    {
        for (int node = from; progress is not null && node < to; node++)
        {
            progress.Report(new RunProgress(node + 1, Graph.Nodes.Length, Graph.Nodes[node].Name));
            cancellation.ThrowIfCancellationRequested();
        }

        cancellation.ThrowIfCancellationRequested();

        return Math.Max(from, to);
    }

    private void Visit(Prepared prepared, int stage, Memory<byte>[] own, Action<Shown> visit)
    {
        foreach ((ValueRef value, Tensor? tensor, bool onDevice) in prepared.Values[stage])
        {
            visit(onDevice
                ? new Shown(value, Graph.TypeOf(value), prepared.Device!)
                : new Shown(value, tensor ?? new Tensor(Graph.TypeOf(value), own[IndexOf(prepared, value)])));
        }
    }

    // Neither inputs nor results are held from one run to the next, unless they were given back.
    private void Release(Prepared prepared)
    {
        for (int input = 0; input < Graph.Inputs.Length; input++)
        {
            prepared.Program.Bind(new ValueRef(ValueKind.Input, input), default);
        }

        foreach ((ValueRef value, _) in prepared.Outputs)
        {
            prepared.Program.Bind(value, default);
        }

        prepared.Device?.End();
        prepared.Program.End();
    }

    // A graph output may be a view, an input or a parameter: where its elements lie together it shares their bytes, otherwise it is a copy.
    private Tensor Finished(Prepared prepared, ValueRef value, ImmutableArray<Tensor> inputs, Memory<byte>[] own)
    {
        (ValueRef source, AffineView map) = Graph.Resolve(value);
        ReadOnlyMemory<byte> bytes = source.Kind switch
        {
            ValueKind.Input => inputs[source.Index].Bytes,
            ValueKind.Parameter => Graph.Parameters[source.Index].Value.Bytes,
            _ => own[IndexOf(prepared, source)],
        };
        return new Operand(Graph.TypeOf(value), bytes, map, Parameter: null).ToTensor();
    }

    private static int IndexOf(Prepared prepared, ValueRef value)
    {
        int index = 0;
        while (prepared.Outputs[index].Value != value)
        {
            index++;
        }

        return index;
    }

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
