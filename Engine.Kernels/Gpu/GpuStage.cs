using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Gpu.Elementwise;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>Nodes that run together: elementwise ones that follow each other on a device, behind the product that feeds them where there is one; an
/// attention; or one node alone.</summary>
/// <param name="Nodes">Their indices, ascending.</param>
/// <param name="Op">What runs them on the device; null where the processors do.</param>
/// <param name="Operands">The operands of the whole stage, without bytes, and the values that their maps lead into.</param>
/// <param name="Outputs">What is stored: outputs that somebody outside the stage sees. Of the others nothing is.</param>
internal sealed record GpuStage(
    ImmutableArray<int> Nodes, GpuOp? Op, ImmutableArray<(Operand Operand, ValueRef Source)> Operands, ImmutableArray<ValueRef> Outputs)
{
    /// <summary>Elements that kernels can count, some of them past the end by a stride.</summary>
    internal const long MostElements = int.MaxValue - (1 << 16);

    /// <summary>The stages of a graph, in the order in which they run.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="visible">What somebody is to see: it is stored.</param>
    /// <param name="device">What the device says of itself.</param>
    /// <param name="chosen">Nodes that run on the device: of those with <see cref="Kernels"/>.</param>
    internal static ImmutableArray<GpuStage> Of(Graph graph, IReadOnlySet<ValueRef> visible, GpuDescription device, IReadOnlySet<int> chosen)
    {
        Step?[] steps = new Step?[graph.Nodes.Length];
        GpuOp?[] kernels = new GpuOp?[graph.Nodes.Length];
        for (int node = 0; node < graph.Nodes.Length; node++)
        {
            (steps[node], kernels[node]) = chosen.Contains(node) ? KernelOf(graph, node, device) : default;
        }

        HashSet<ValueRef> stored = [.. visible, .. OutputsOf(graph)];
        ILookup<ValueRef, int> readers = ReadersOf(graph);
        GpuStage[] attentions = [.. Attentions(graph, stored, readers, device, chosen.Contains)];
        HashSet<int> placed = [.. attentions.SelectMany(stage => stage.Nodes)];
        Predicate<int> mayBeFollowed = node => kernels[node] is not null && GpuKernels.MayBeFollowed(graph.Nodes[node]);
        return
        [
            .. GpuFusion.Of(graph, visible, stored, readers, steps, mayBeFollowed, placed.Contains).Select(draft => Of(graph, draft, steps, kernels))
                .Concat(attentions).OrderBy(stage => stage.Nodes[^1]),
        ];
    }

    /// <summary>The nodes of a graph that a device has kernels for: alone, or in an attention, whose scores are never whole there.</summary>
    internal static ImmutableHashSet<int> Kernels(Graph graph, GpuDescription device) =>
    [
        .. Enumerable.Range(0, graph.Nodes.Length).Where(node => KernelOf(graph, node, device) is not (null, null)),
        .. Attentions(graph, [.. OutputsOf(graph)], ReadersOf(graph), device, _ => true).SelectMany(stage => stage.Nodes),
    ];

    private static IEnumerable<ValueRef> OutputsOf(Graph graph) => graph.Outputs.Select(output => graph.Resolve(output.Value).Source);

    private static ILookup<ValueRef, int> ReadersOf(Graph graph) => graph.Nodes.SelectMany((node, index) => node.Op is View ? [] : node.Inputs.Select(
        input => (Source: graph.Resolve(input).Source, Reader: index))).Distinct().ToLookup(read => read.Source, read => read.Reader);

    // A step of a chain or a kernel of its own; neither where there is none for its types and shapes.
    private static (Step? Step, GpuOp? Kernel) KernelOf(Graph graph, int index, GpuDescription device)
    {
        Node node = graph.Nodes[index];
        if (node.Op is View || !node.Outputs.Any(output => output.Elements > 0) || !Fits(graph, index, device))
        {
            return default;
        }

        NodeCall call = CallOf(graph, index);
        Step? step = Step.Of(call);
        return (step, step is null ? GpuKernels.Of(call, device) : null);
    }

    private static GpuStage Of(Graph graph, GpuDraft draft, Step?[] steps, GpuOp?[] kernels)
    {
        int first = draft.Nodes[0];
        Node head = graph.Nodes[first];
        List<(Operand Operand, ValueRef Source)> operands = [];
        if (steps[first] is null)
        {
            operands.AddRange(head.Inputs.Select(input => (OperandOf(graph, input), graph.Resolve(input).Source)));
            if (draft.Nodes.Length == 1)
            {
                return new GpuStage(draft.Nodes, kernels[first], [.. operands], draft.Stored);
            }
        }

        Chain chain = new(head.Outputs[0].Elements, operands.Count);
        if (steps[first] is null)
        {
            chain.Begin(draft.NumberOf(first), draft.Kept.Contains(first));
        }

        foreach (int node in draft.Nodes.Where(node => steps[node] is not null))
        {
            List<int> sources = [];
            foreach (ValueRef input in graph.Nodes[node].Inputs)
            {
                ValueRef source = graph.Resolve(input).Source;
                if (draft.SourceOf(source, node) is int inner)
                {
                    sources.Add(inner);
                    continue;
                }

                sources.Add(operands.Count - chain.FirstOperand);
                operands.Add((OperandOf(graph, input), source));
            }

            DType type = graph.TypeOf(graph.Nodes[node].Inputs[0]).DType;
            chain.Add(graph.Nodes[node], type, steps[node]!.Value, sources, draft.NumberOf(node), draft.Kept.Contains(node));
        }

        GpuOp op = chain.Run;
        if (steps[first] is null)
        {
            GpuOp product = kernels[first]!;
            op = run =>
            {
                run.Follow(chain, head.Outputs[0]);
                product(run);
            };
        }

        return new GpuStage(draft.Nodes, op, [.. operands], draft.Stored);
    }

    // Attentions whose kernel is here for their shapes.
    private static IEnumerable<GpuStage> Attentions(
        Graph graph, HashSet<ValueRef> stored, ILookup<ValueRef, int> readers, GpuDescription device, Predicate<int> isChosen)
    {
        HashSet<int> placed = [];
        for (int node = 0; node < graph.Nodes.Length; node++)
        {
            (int, ImmutableArray<int>)? ProductOf(int last) => Scoring(graph, last, stored, readers, Chain.MostSteps);
            if (Scored.Around(graph, node, ProductOf, value => readers[value], stored.Contains) is not { } found)
            {
                continue;
            }

            ImmutableArray<int> own = found.First.Nodes;
            ImmutableArray<ValueRef> read = [];
            List<(Operand Operand, ValueRef Source)> others = [];
            Chain? between = found.First.Between.IsEmpty ? null : new Chain(graph.TypeOf(graph.Nodes[node].Inputs[0]).Elements, 3);
            foreach (int index in found.First.Between)
            {
                Node member = graph.Nodes[index];
                List<int> places = [];
                foreach (ValueRef input in member.Inputs)
                {
                    ValueRef source = graph.Resolve(input).Source;
                    bool isLast = source.Kind == ValueKind.Node && own.Contains(source.Index);
                    places.Add(isLast ? Chain.Last : others.Count);
                    if (!isLast)
                    {
                        others.Add((OperandOf(graph, input), source));
                    }
                }

                between!.Add(member, graph.TypeOf(member.Inputs[0]).DType, Step.Of(CallOf(graph, index))!.Value, places, 0, kept: false);
            }

            Ops.Attention attention = new(CallOf(graph, found.First.Dot), between, [.. others.Select(other => other.Operand)], CallOf(graph, found.Second));
            ValueRef[] sides = [.. graph.Nodes[found.First.Dot].Inputs, graph.Nodes[found.Second].Inputs[1]];
            ImmutableArray<ValueRef> sources = [.. sides.Select(value => graph.Resolve(value).Source), .. others.Select(other => other.Source)];
            bool fits = sources.Concat(sides).Select(graph.TypeOf).Concat(graph.Nodes[found.Second].Outputs).All(type => Fits(type, device));
            if (fits && attention.Op() is GpuOp op && !own.Any(placed.Contains) && own.Add(found.Second).All(member => isChosen(member)))
            {
                placed.UnionWith(own.Add(found.Second));
                yield return new GpuStage(
                    [.. own, found.Second], op, [.. attention.Operands.Zip(sources)], [new ValueRef(ValueKind.Node, found.Second)]);
            }
        }
    }

    // A product and the chain of elementwise nodes from it to the given one, where each reads what the one before gave, and nobody else does.
    private static (int Main, ImmutableArray<int> Nodes)? Scoring(
        Graph graph, int last, HashSet<ValueRef> stored, ILookup<ValueRef, int> readers, int steps)
    {
        Node node = graph.Nodes[last];
        if (node.Op is Dot)
        {
            return (last, [last]);
        }

        if (steps == 0 || node.Outputs[0].Elements == 0 || Step.Of(CallOf(graph, last)) is null)
        {
            return null;
        }

        foreach (ValueRef source in node.Inputs.Select(input => graph.Resolve(input).Source).Where(source => source.Kind == ValueKind.Node).Distinct())
        {
            bool follows = !stored.Contains(source) && readers[source].All(reader => reader == last)
                && node.Inputs.All(input => graph.Resolve(input).Source != source || Scored.IsWhole(graph, input, node.Outputs[0].Elements));
            if (follows && Scoring(graph, source.Index, stored, readers, steps - 1) is { } before)
            {
                return (before.Main, before.Nodes.Add(last));
            }
        }

        return null;
    }

    private static bool Fits(Graph graph, int index, GpuDescription device)
    {
        Node node = graph.Nodes[index];
        return node.Inputs.Select(input => graph.TypeOf(graph.Resolve(input).Source)).Concat(node.Inputs.Select(graph.TypeOf)).Concat(node.Outputs)
            .All(type => Fits(type, device));
    }

    private static bool Fits(TensorType type, GpuDescription device) => type.Elements <= MostElements && type.Bytes <= device.LargestBuffer;

    private static NodeCall CallOf(Graph graph, int index)
    {
        Node node = graph.Nodes[index];
        return new NodeCall(node, [.. node.Inputs.Select(input => OperandOf(graph, input))], [.. node.Outputs.Select(_ => System.Memory<byte>.Empty)]);
    }

    private static Operand OperandOf(Graph graph, ValueRef value)
    {
        (ValueRef source, Tensors.AffineView map) = graph.Resolve(value);
        return new Operand(graph.TypeOf(value), default, map, source.Kind == ValueKind.Parameter ? graph.Parameters[source.Index].Value : null);
    }
}
