using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu.Elementwise;
using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>Nodes that run together: elementwise ones that follow each other on a device, or one alone.</summary>
/// <param name="Nodes">Their indices, ascending.</param>
/// <param name="Op">What runs them on the device; null where the processors do.</param>
/// <param name="Operands">The operands of the whole stage, without bytes, and the values that their maps lead into.</param>
/// <param name="Outputs">The outputs of the last node: of the others nothing is stored.</param>
internal sealed record GpuStage(
    ImmutableArray<int> Nodes, GpuOp? Op, ImmutableArray<(Operand Operand, ValueRef Source)> Operands, ImmutableArray<ValueRef> Outputs)
{
    private const long MostElements = int.MaxValue - (1 << 16);

    /// <summary>The stages of a graph, in the order in which they run.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="visible">What somebody is to see: it is stored.</param>
    /// <param name="device">What the device says of itself.</param>
    /// <param name="chosen">Nodes that run on the device: of those with <see cref="Kernels"/>.</param>
    internal static ImmutableArray<GpuStage> Of(Graph graph, IReadOnlySet<ValueRef> visible, GpuDescription device, IReadOnlySet<int> chosen)
    {
        HashSet<ValueRef> stored = [.. visible, .. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        ILookup<ValueRef, int> readers = graph.Nodes.SelectMany((node, index) => node.Op is View ? [] : node.Inputs.Select(
            input => (Source: graph.Resolve(input).Source, Reader: index))).Distinct().ToLookup(read => read.Source, read => read.Reader);
        Dictionary<int, List<int>> chains = [];
        List<List<int>> stages = [];
        for (int index = 0; index < graph.Nodes.Length; index++)
        {
            if (graph.Nodes[index].Op is View)
            {
                continue;
            }

            bool isElementwise = chosen.Contains(index) && IsElementwise(graph, index, device);
            List<int>? chain = isElementwise
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
            if (isElementwise)
            {
                chains[index] = chain;
            }
        }

        return [.. stages.OrderBy(nodes => nodes[^1]).Select(nodes => Of(graph, [.. nodes], device, chosen))];
    }

    /// <summary>The nodes of a graph that a device has kernels for.</summary>
    internal static ImmutableHashSet<int> Kernels(Graph graph, GpuDescription device) =>
    [
        .. Enumerable.Range(0, graph.Nodes.Length).Where(node => graph.Nodes[node].Op is not View
            && (IsElementwise(graph, node, device) || KernelOf(graph, node, device) is not null)),
    ];

    private static GpuStage Of(Graph graph, ImmutableArray<int> nodes, GpuDescription device, IReadOnlySet<int> chosen)
    {
        ImmutableArray<ValueRef> outputs = [.. graph.Nodes[nodes[^1]].Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, nodes[^1], slot))];
        bool isChosen = chosen.Contains(nodes[0]);
        if (!isChosen || !IsElementwise(graph, nodes[0], device))
        {
            NodeCall call = CallOf(graph, nodes[0]);
            IEnumerable<ValueRef> sources = call.Node.Inputs.Select(input => graph.Resolve(input).Source);
            return new GpuStage(nodes, isChosen ? KernelOf(graph, nodes[0], device) : null, [.. call.Inputs.Zip(sources)], outputs);
        }

        List<(Operand Operand, ValueRef Source)> operands = [];
        List<(Node, Step, ImmutableArray<Operand?>)> links = [];
        foreach (int node in nodes)
        {
            NodeCall call = CallOf(graph, node);
            List<Operand?> own = [];
            for (int slot = 0; slot < call.Inputs.Length; slot++)
            {
                ValueRef source = graph.Resolve(call.Node.Inputs[slot]).Source;
                bool isLast = source.Kind == ValueKind.Node && nodes.Contains(source.Index);
                own.Add(isLast ? null : call.Inputs[slot]);
                if (!isLast)
                {
                    operands.Add((call.Inputs[slot], source));
                }
            }

            links.Add((call.Node, Step.Of(call)!.Value, [.. own]));
        }

        return new GpuStage(nodes, Chain.Of(links).Run, [.. operands], outputs);
    }

    // The chain that an operand is the end of, where nobody else reads it: the node may follow.
    private static List<int>? Before(
        Graph graph, ValueRef input, int reader, HashSet<ValueRef> stored, ILookup<ValueRef, int> readers, Dictionary<int, List<int>> chains)
    {
        (ValueRef source, Tensors.AffineView map) = graph.Resolve(input);
        bool follows = source.Kind == ValueKind.Node && chains.ContainsKey(source.Index)
            && !stored.Contains(source) && readers[source].All(other => other == reader)
            && graph.Nodes[reader].Inputs.All(other => graph.Resolve(other).Source != source || IsWhole(graph, other))
            && IsWhole(graph, input) && graph.TypeOf(source).Elements == graph.Nodes[reader].Outputs[0].Elements
            && chains[source.Index].Count < Chain.MostSteps;
        return follows && chains[source.Index][^1] == source.Index ? chains[source.Index] : null;
    }

    // All elements of the source, in order.
    private static bool IsWhole(Graph graph, ValueRef value)
    {
        (ValueRef source, Tensors.AffineView map) = graph.Resolve(value);
        return map.IsContiguous && map.Offset == 0 && map.Shape.Elements == graph.TypeOf(source).Elements;
    }

    private static bool IsElementwise(Graph graph, int node, GpuDescription device)
        => graph.Nodes[node].Outputs[0].Elements > 0 && Step.Of(CallOf(graph, node)) is not null && Fits(graph, node, device);

    private static GpuOp? KernelOf(Graph graph, int node, GpuDescription device)
        => graph.Nodes[node].Outputs.Any(output => output.Elements > 0) && Fits(graph, node, device) ? GpuKernels.Of(CallOf(graph, node), device) : null;

    // Kernels count elements in 32 bits, some of them past the end by a stride.
    private static bool Fits(Graph graph, int index, GpuDescription device)
    {
        Node node = graph.Nodes[index];
        return node.Inputs.Select(input => graph.TypeOf(graph.Resolve(input).Source)).Concat(node.Inputs.Select(graph.TypeOf)).Concat(node.Outputs)
            .All(type => type.Elements <= MostElements && type.Bytes <= device.LargestBuffer);
    }

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
