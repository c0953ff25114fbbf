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

/// <summary>Nodes that run together: elementwise ones that follow each other on a device, an attention, or one alone.</summary>
/// <param name="Nodes">Their indices, ascending.</param>
/// <param name="Op">What runs them on the device; null where the processors do.</param>
/// <param name="Operands">The operands of the whole stage, without bytes, and the values that their maps lead into.</param>
/// <param name="Outputs">The outputs of the last node: of the others nothing is stored.</param>
internal sealed record GpuStage(
    ImmutableArray<int> Nodes, GpuOp? Op, ImmutableArray<(Operand Operand, ValueRef Source)> Operands, ImmutableArray<ValueRef> Outputs)
{
    /// <summary>Elements that kernels can count, some of them past the end by a stride.</summary>
    internal const long MostElements = int.MaxValue - (1 << 16);

    /// <summary>The stages of a graph, in the order in which they run.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="visible">What somebody is to see: it is stored.</param>
    /// <param name="device">What the device says of itself.</param>
    internal static ImmutableArray<GpuStage> Of(Graph graph, IReadOnlySet<ValueRef> visible, GpuDescription device)
    {
        HashSet<ValueRef> stored = [.. visible, .. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        ILookup<ValueRef, int> readers = graph.Nodes.SelectMany((node, index) => node.Op is View ? [] : node.Inputs.Select(
            input => (Source: graph.Resolve(input).Source, Reader: index))).Distinct().ToLookup(read => read.Source, read => read.Reader);
        GpuStage[] attentions = [.. Attentions(graph, stored, readers, device)];
        HashSet<int> placed = [.. attentions.SelectMany(stage => stage.Nodes)];
        Dictionary<int, List<int>> chains = [];
        List<List<int>> stages = [];
        for (int index = 0; index < graph.Nodes.Length; index++)
        {
            if (graph.Nodes[index].Op is View || placed.Contains(index))
            {
                continue;
            }

            List<int>? chain = IsElementwise(graph, index, device)
                ? graph.Nodes[index].Inputs.Select(input => Before(graph, input, index, stored, readers, chains)).FirstOrDefault(before => before is not null)
                : null;
            if (chain is not null && chain.Sum(node => graph.Nodes[node].Inputs.Length) + graph.Nodes[index].Inputs.Length - chain.Count > Chain.MostOperands)
            {
                chain = null;
            }

            if (chain is null)
            {
                stages.Add(chain = []);
            }

            chain.Add(index);
            chains[index] = chain;
        }

        return [.. stages.Select(nodes => Of(graph, [.. nodes], device)).Concat(attentions).OrderBy(stage => stage.Nodes[^1])];
    }

    private static GpuStage Of(Graph graph, ImmutableArray<int> nodes, GpuDescription device)
    {
        ImmutableArray<ValueRef> outputs = [.. graph.Nodes[nodes[^1]].Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, nodes[^1], slot))];
        if (!IsElementwise(graph, nodes[0], device))
        {
            NodeCall call = CallOf(graph, nodes[0]);
            bool fits = call.Node.Outputs.Any(output => output.Elements > 0) && Fits(graph, nodes[0], device);
            IEnumerable<ValueRef> sources = call.Node.Inputs.Select(input => graph.Resolve(input).Source);
            return new GpuStage(nodes, fits ? GpuKernels.Of(call, device) : null, [.. call.Inputs.Zip(sources)], outputs);
        }

        Chain chain = ChainOf(graph, nodes, nodes, DType.None, out ImmutableArray<ValueRef> read);
        return new GpuStage(nodes, chain.Run, [.. chain.Operands.Zip(read)], outputs);
    }

    // A chain of nodes, each of which reads what the one before gave, and what its other operands lead into. own: what the operand between them comes from.
    private static Chain ChainOf(Graph graph, IEnumerable<int> nodes, ImmutableArray<int> own, DType first, out ImmutableArray<ValueRef> sources)
    {
        List<ValueRef> read = [];
        List<(Node, Step, ImmutableArray<Operand?>)> links = [];
        foreach (NodeCall call in nodes.Select(node => CallOf(graph, node)))
        {
            List<Operand?> operands = [];
            for (int slot = 0; slot < call.Inputs.Length; slot++)
            {
                ValueRef source = graph.Resolve(call.Node.Inputs[slot]).Source;
                bool isLast = source.Kind == ValueKind.Node && own.Contains(source.Index);
                operands.Add(isLast ? null : call.Inputs[slot]);
                if (!isLast)
                {
                    read.Add(source);
                }
            }

            links.Add((call.Node, Step.Of(call)!.Value, [.. operands]));
        }

        sources = [.. read];
        return Chain.Of(links, first);
    }

    // Attentions whose kernel is here for their shapes.
    private static IEnumerable<GpuStage> Attentions(Graph graph, HashSet<ValueRef> stored, ILookup<ValueRef, int> readers, GpuDescription device)
    {
        HashSet<int> placed = [];
        for (int node = 0; node < graph.Nodes.Length; node++)
        {
            if (Scored.Around(graph, node, last => Scoring(graph, last, stored, readers), value => readers[value], stored.Contains) is not { } found)
            {
                continue;
            }

            ImmutableArray<int> own = found.First.Nodes;
            ImmutableArray<ValueRef> read = [];
            Chain? between = found.First.Between.IsEmpty ? null : ChainOf(graph, found.First.Between, own, DType.F32, out read);
            Ops.Attention attention = new(CallOf(graph, found.First.Dot), between, CallOf(graph, found.Second));
            ValueRef[] sides = [.. graph.Nodes[found.First.Dot].Inputs, graph.Nodes[found.Second].Inputs[1]];
            ImmutableArray<ValueRef> sources = [.. sides.Select(value => graph.Resolve(value).Source), .. read];
            bool fits = sources.Concat(sides).Select(graph.TypeOf).Concat(graph.Nodes[found.Second].Outputs).All(type => Fits(type, device));
            if (fits && attention.Op() is GpuOp op && !own.Any(placed.Contains))
            {
                placed.UnionWith(own.Add(found.Second));
                yield return new GpuStage(
                    [.. own, found.Second], op, [.. attention.Operands.Zip(sources)], [new ValueRef(ValueKind.Node, found.Second)]);
            }
        }
    }

    // A product and the chain of elementwise nodes from it to the given one, where each reads what the one before gave, and nobody else does.
    private static (int Main, ImmutableArray<int> Nodes)? Scoring(Graph graph, int last, HashSet<ValueRef> stored, ILookup<ValueRef, int> readers)
    {
        Node node = graph.Nodes[last];
        if (node.Op is Dot)
        {
            return (last, [last]);
        }

        if (node.Outputs[0].Elements == 0 || Step.Of(CallOf(graph, last)) is null)
        {
            return null;
        }

        foreach (ValueRef source in node.Inputs.Select(input => graph.Resolve(input).Source).Where(source => source.Kind == ValueKind.Node).Distinct())
        {
            bool follows = !stored.Contains(source) && readers[source].All(reader => reader == last)
                && node.Inputs.All(input => graph.Resolve(input).Source != source || Scored.IsWhole(graph, input, node.Outputs[0].Elements));
            if (follows && Scoring(graph, source.Index, stored, readers) is { } before && before.Nodes.Length <= Chain.MostSteps)
            {
                return (before.Main, before.Nodes.Add(last));
            }
        }

        return null;
    }

    // The chain that an operand is the end of, where nobody else reads it: the node may follow.
    private static List<int>? Before(
        Graph graph, ValueRef input, int reader, HashSet<ValueRef> stored, ILookup<ValueRef, int> readers, Dictionary<int, List<int>> chains)
    {
        ValueRef source = graph.Resolve(input).Source;
        bool follows = source.Kind == ValueKind.Node && chains.ContainsKey(source.Index) && Step.Of(CallOf(graph, source.Index)) is not null
            && !stored.Contains(source) && readers[source].All(other => other == reader)
            && graph.Nodes[reader].Inputs.All(
                other => graph.Resolve(other).Source != source || Scored.IsWhole(graph, other, graph.Nodes[reader].Outputs[0].Elements))
            && chains[source.Index].Count < Chain.MostSteps;
        return follows && chains[source.Index][^1] == source.Index ? chains[source.Index] : null;
    }

    private static bool IsElementwise(Graph graph, int node, GpuDescription device)
        => graph.Nodes[node].Outputs[0].Elements > 0 && Step.Of(CallOf(graph, node)) is not null && Fits(graph, node, device);

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
        (ValueRef source, AffineView map) = graph.Resolve(value);
        return new Operand(graph.TypeOf(value), default, map, source.Kind == ValueKind.Parameter ? graph.Parameters[source.Index].Value : null);
    }
}
