using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>A graph prepared for this machine's processors: what a node's run needs is made once, and a table says where each value lies now.</summary>
#pragma warning disable CA1001 // Nobody owns a program: what it pins goes with it.
internal sealed class CpuProgram : IProgram
#pragma warning restore CA1001
{
    private readonly Graph _graph;
    private readonly CpuBackend _backend;
    private readonly Scratch _scratch;
    private readonly Shared _shared;
    private readonly int[] _first;
    private readonly Pins _pins;
    private readonly Dictionary<ValueRef, Tensor> _constants;
    private readonly NarrowWeights _narrow;
    private readonly HashSet<ValueRef> _read;
    private readonly Prepared?[] _stages;
    private Arena? _arena;

    internal CpuProgram(Graph graph, IReadOnlySet<ValueRef> visible, CpuBackend backend, Shared shared, Scratch scratch)
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
        _narrow = new NarrowWeights(graph, visible);
        _constants = Constants.Of(graph, visible, backend, _narrow.Take);
        foreach ((ValueRef value, Tensor constant) in _constants)
        {
            Bind(value, constant.Bytes);
            shared.Packed.Count(constant);
        }

        _read = [.. visible];
        _read.UnionWith(graph.Nodes.SelectMany(node => node.Inputs).Concat(graph.Outputs.Select(output => output.Value))
            .Select(value => graph.Resolve(value).Source));
        NodeCall?[] calls = new NodeCall?[graph.Nodes.Length];
        BlockOp?[] blocks = new BlockOp?[graph.Nodes.Length];
        ImmutableArray<FusedStage> fused = Fusion.Of(
            graph, visible, IsConstant, node => blocks[node] = backend.Block(calls[node] = CallOf(node)));
        Stages = [.. fused.Select(stage => stage.Stage)];
        _stages = [.. fused.Select(stage => Prepare(stage, node => calls[node] ?? CallOf(node), blocks))];
    }

    /// <inheritdoc/>
    public ImmutableArray<Stage> Stages { get; }

    /// <inheritdoc/>
    public void Bind(ValueRef value, ReadOnlyMemory<byte> bytes) => _pins.Set(Entry(value), bytes);

    /// <inheritdoc/>
    public void Run(int stage, CancellationToken cancellation)
    {
        Prepared? prepared = _stages[stage];
        if (prepared is null)
        {
            return;
        }

        if (prepared.Hidden >= 0)
        {
            _pins.Addresses[prepared.Hidden] = _pins.Addresses[prepared.Over];
        }

        _backend.Run(prepared.Run, _arena ??= _scratch.Rent(), cancellation);
    }

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

    private NodeCall CallOf(int index)
    {
        Node node = _graph.Nodes[index];
        return new NodeCall(node, [.. node.Inputs.Select(OperandOf)], [.. node.Outputs.Select(_ => Memory<byte>.Empty)]);
    }

    private bool IsConstant(int node) => _narrow.Contains(node) || _constants.ContainsKey(new ValueRef(ValueKind.Node, node));

    // Null where nothing is left to run.
    private Prepared? Prepare(FusedStage stage, Func<int, NodeCall> call, BlockOp?[] blocks)
    {
        if (stage.Main >= 0 && IsConstant(stage.Main))
        {
            return null;
        }

        Group? group = stage.Elementwise.IsEmpty ? null : Grouped(stage, stage.Elementwise, -1, call, blocks);
        int index = stage.Main >= 0 ? stage.Main : stage.Elementwise[^1];
        KernelRun run = RunOf(call(index), index, group, stage.Main < 0, stage.Scores is null ? null : ScoresOf(stage, stage.Scores, call, blocks));
        ValueRef main = new(ValueKind.Node, stage.Main);
        return stage.Main >= 0 && stage.Stage.Hidden.Contains(main)
            ? new Prepared(run, Entry(main), _first[stage.Stage.Nodes[^1]])
            : new Prepared(run, -1, -1);
    }

    private KernelRun RunOf(NodeCall call, int index, Group? group, bool only, Scores? scores)
    {
        int[] inputs = [.. call.Node.Inputs.Select(input => Entry(_graph.Resolve(input).Source))];
        int[] outputs = [.. Enumerable.Range(_first[index], call.Node.Outputs.Length)];
        int weights = _narrow.Of(call.Node);
        bool[] read = [.. outputs.Select((_, slot) => _read.Contains(new ValueRef(ValueKind.Node, index, slot)))];
        return new KernelRun(call, _shared, _pins.Addresses, inputs, outputs)
        {
            Followers = group,
            OnlyFollowers = only,
            Scores = scores,
            Weights = weights < 0 ? null : RunOf(CallOf(weights), weights, null, only: false, null),
            IsRead = slot => read[slot],
        };
    }

    // The scores lie in scratch under the address of the product that makes them, and so does what the last op on them makes.
    private Scores ScoresOf(FusedStage stage, Scored scored, Func<int, NodeCall> call, BlockOp?[] blocks)
    {
        Group? between = scored.Between.IsEmpty ? null : Grouped(stage, scored.Between, _first[scored.Dot], call, blocks);
        return new Scores(RunOf(call(scored.Dot), scored.Dot, null, only: false, null), between);
    }

    private Group Grouped(FusedStage stage, ImmutableArray<int> nodes, int own, Func<int, NodeCall> call, BlockOp?[] blocks)
    {
        Group.Builder builder = new(_pins.Addresses, _graph.Nodes[nodes[^1]].Outputs[0].Elements);
        Dictionary<ValueRef, int> made = [];
        foreach (int index in nodes)
        {
            NodeCall node = call(index);
            ValueRef value = new(ValueKind.Node, index);
            int OperandOf(int slot)
            {
                ValueRef source = _graph.Resolve(node.Node.Inputs[slot]).Source;
                return made.TryGetValue(source, out int number) ? number : builder.Element(Entry(source), node.Inputs[slot]);
            }

            bool scratch = own >= 0 && index == nodes[^1];
            int entry = scratch ? own : stage.Stage.Hidden.Contains(value) ? -1 : Entry(value);
            made.Add(value, builder.Add(blocks[index]!, node, OperandOf, entry));
        }

        return builder.Build(own);
    }

    private Operand OperandOf(ValueRef value)
    {
        (ValueRef source, AffineView map) = _graph.Resolve(value);
        Tensor? parameter = source.Kind == ValueKind.Parameter ? _graph.Parameters[source.Index].Value : _constants.GetValueOrDefault(source);
        return new Operand(_graph.TypeOf(value), default, map, parameter);
    }

    // Where the product's output is hidden, its address is that of the last op's output.
    private sealed record Prepared(KernelRun Run, int Hidden, int Over);
}
