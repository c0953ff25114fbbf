using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>A graph prepared for a device. Values stay where they were made until they are asked for elsewhere; what is a graph output or read
/// by the processors comes to the host when its stage has run; what is visible, if somebody asks for it. Where the device has no room, parameters make
/// way first, then values that the stage does not read; a stage that still does not fit runs on the processors.</summary>
internal sealed class GpuProgram : IDeviceProgram
{
    private readonly Graph _graph;
    private readonly GpuBackend _backend;
    private readonly ImmutableArray<GpuStage> _stages;
    private readonly Dictionary<ValueRef, GpuValue> _values = [];
    private readonly HashSet<ValueRef> _onHost;
    private readonly IReadOnlySet<ValueRef> _visible;
    private readonly GpuHasher _hasher;
    private ImmutableArray<GpuValue> _shown = [];

    /// <param name="graph">The graph.</param>
    /// <param name="visible">What somebody is to see.</param>
    /// <param name="backend">Device and processors.</param>
    /// <param name="chosen">Nodes that run on the device: of those with <see cref="GpuStage.Kernels"/>.</param>
    internal GpuProgram(Graph graph, IReadOnlySet<ValueRef> visible, GpuBackend backend, IReadOnlySet<int> chosen)
    {
        _graph = graph;
        _backend = backend;
        _visible = visible;
        _hasher = new GpuHasher(backend.Device);
        _stages = GpuStage.Of(graph, visible, backend.Device.Description, chosen);
        Dictionary<ValueRef, int> lastStages = [];
        for (int stage = 0; stage < _stages.Length; stage++)
        {
            foreach (ValueRef value in _stages[stage].Outputs.Concat(_stages[stage].Operands.Select(operand => operand.Source)))
            {
                lastStages[value] = stage;
            }
        }

        foreach ((ValueRef value, int last) in lastStages.Where(entry => entry.Key.Kind != ValueKind.Parameter))
        {
            _values.Add(value, new GpuValue(backend.Device, graph.TypeOf(value), last));
        }

        _onHost = [.. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        _onHost.UnionWith(_stages.Where(stage => stage.Op is null).SelectMany(stage => stage.Outputs.Concat(stage.Operands.Select(read => read.Source))));
        Stages = [.. _stages.Select(stage => new Stage(stage.Nodes, [.. HiddenOf(stage)], []))];
    }

    /// <inheritdoc/>
    public ImmutableArray<Stage> Stages { get; }

    /// <inheritdoc/>
    public void Bind(ValueRef value, ReadOnlyMemory<byte> bytes)
    {
        if (_values.TryGetValue(value, out GpuValue? known))
        {
            lock (_backend.Gate)
            {
                known.Bind(bytes, value.Kind == ValueKind.Input);
            }
        }
    }

    /// <inheritdoc/>
    public void Run(int stage, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        GpuStage now = _stages[stage];
        lock (_backend.Gate)
        {
            foreach (GpuValue value in _shown.Where(value => value.LastStage < stage))
            {
                value.LeaveDevice();
            }
        }

        bool ran = now.Op is not null && RunOnDevice(now, now.Op);
        if (!ran)
        {
            RunOnHost(now, cancellation);
        }

        lock (_backend.Gate)
        {
            if (now.Op is not null)
            {
                _backend.Count(moved: !ran);
            }

            foreach (ValueRef output in now.Outputs.Where(_onHost.Contains))
            {
                _values[output].OnHost();
            }

            // What nobody reads any more; but what is to be shown stays for that.
            _shown = [.. now.Outputs.Where(output => _visible.Contains(output) && !_onHost.Contains(output)).Select(output => _values[output])];
            foreach (GpuValue value in now.Outputs.Concat(now.Operands.Select(operand => operand.Source)).Where(_values.ContainsKey)
                .Select(value => _values[value]).Where(value => value.LastStage == stage && !_shown.Contains(value)))
            {
                value.LeaveDevice();
            }
        }
    }

    /// <inheritdoc/>
    public void Read(ValueRef value, long start, Span<byte> bytes)
    {
        lock (_backend.Gate)
        {
            _values[value].Read(start, bytes);
        }
    }

    /// <inheritdoc/>
    public void BeginHash(ValueRef value, Suite suite)
    {
        lock (_backend.Gate)
        {
            GpuValue known = _values[value];
            try
            {
                if (known.Buffer is not null)
                {
                    _hasher.Begin(suite, known.Buffer, _graph.TypeOf(value).Bytes);
                    return;
                }
            }
            catch (GpuMemoryException)
            {
                // It is hashed where there is room.
            }

            _hasher.Begin(MerkleTree.OfTensor(suite, known.OnHost().Span, _backend.Cpu.Hasher).TreeHash);
        }
    }

    /// <inheritdoc/>
    public void FinishHashes(Span<Digest> hashes)
    {
        lock (_backend.Gate)
        {
            _hasher.Finish(hashes);
        }
    }

    /// <inheritdoc/>
    public void End()
    {
        lock (_backend.Gate)
        {
            foreach (GpuValue value in _values.Values)
            {
                value.Release();
            }

            _shown = [];
            _hasher.End();
        }
    }

    // What a stage's nodes make and the host has no memory for.
    private IEnumerable<ValueRef> HiddenOf(GpuStage stage)
        => stage.Nodes.SelectMany(node => _graph.Nodes[node].Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, node, slot)))
            .Where(value => !_onHost.Contains(value));

    private bool RunOnDevice(GpuStage stage, GpuOp op)
    {
        lock (_backend.Gate)
        {
            return TryRun(stage, op) || (MakeRoom(stage, values: false) && TryRun(stage, op)) || (MakeRoom(stage, values: true) && TryRun(stage, op));
        }
    }

    private bool TryRun(GpuStage stage, GpuOp op)
    {
        try
        {
            GpuBuffer[] sources = [.. stage.Operands.Select(BufferOf)];
            GpuBuffer[] outputs = [.. stage.Outputs.Select(output => _values[output].Made())];
            using GpuRun run = new(
                _backend.Device, [.. stage.Operands.Select(operand => operand.Operand)], [.. stage.Outputs.Select(_graph.TypeOf)], sources, outputs);
            op(run);
            return true;
        }
        catch (GpuMemoryException)
        {
            foreach (ValueRef output in stage.Outputs)
            {
                _values[output].Release();
            }

            return false;
        }
    }

    private GpuBuffer BufferOf((Operand Operand, ValueRef Source) operand)
        => operand.Source.Kind == ValueKind.Parameter ? _backend.Parameters.Of(_graph.Parameters[operand.Source.Index].Value)
            : _values[operand.Source].OnDevice();

    // Parameters go first: their bytes are on the host already.
    private bool MakeRoom(GpuStage stage, bool values)
    {
        _backend.Parameters.Evict(stage.Operands.Select(operand => operand.Operand.Parameter).OfType<Tensor>());
        if (values)
        {
            foreach (GpuValue value in _values.Where(entry => stage.Operands.All(operand => operand.Source != entry.Key)).Select(entry => entry.Value))
            {
                value.Spill();
            }
        }

        return true;
    }

    // Node after node; what is never stored elsewhere has memory for as long as the stage runs.
    private void RunOnHost(GpuStage stage, CancellationToken cancellation)
    {
        Dictionary<ValueRef, Memory<byte>> inner = [];
        foreach (int index in stage.Nodes)
        {
            Node node = _graph.Nodes[index];
            ImmutableArray<Operand> operands = [.. node.Inputs.Select(input => HostOperandOf(input, inner))];
            List<Memory<byte>> outputs = [];
            for (int slot = 0; slot < node.Outputs.Length; slot++)
            {
                ValueRef value = new(ValueKind.Node, index, slot);
                if (stage.Outputs.Contains(value))
                {
                    lock (_backend.Gate)
                    {
                        outputs.Add(_values[value].MadeOnHost());
                    }
                }
                else
                {
                    outputs.Add(new byte[node.Outputs[slot].Bytes]);
                    inner.Add(value, outputs[^1]);
                }
            }

            _backend.Cpu.Run(new NodeCall(node, operands, [.. outputs]), cancellation);
        }
    }

    private Operand HostOperandOf(ValueRef value, Dictionary<ValueRef, Memory<byte>> inner)
    {
        (ValueRef source, AffineView map) = _graph.Resolve(value);
        Tensor? parameter = source.Kind == ValueKind.Parameter ? _graph.Parameters[source.Index].Value : null;
        if (parameter is not null || inner.ContainsKey(source))
        {
            return new Operand(_graph.TypeOf(value), parameter?.Bytes ?? inner[source], map, parameter);
        }

        lock (_backend.Gate)
        {
            return new Operand(_graph.TypeOf(value), _values[source].OnHost(), map, null);
        }
    }
}
