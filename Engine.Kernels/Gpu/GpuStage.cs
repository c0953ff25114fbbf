using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu.Elementwise;
using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>Nodes that run together: elementwise ones that follow each other on a device, behind the product that feeds them where there is one; or one
/// node alone.</summary>
/// <param name="Nodes">Their indices, ascending.</param>
/// <param name="Op">What runs them on the device; null where the processors do.</param>
/// <param name="Operands">The operands of the whole stage, without bytes, and the values that their maps lead into.</param>
/// <param name="Outputs">What is stored: outputs that somebody outside the stage sees. Of the others nothing is.</param>
internal sealed record GpuStage(
    ImmutableArray<int> Nodes, GpuOp? Op, ImmutableArray<(Operand Operand, ValueRef Source)> Operands, ImmutableArray<ValueRef> Outputs)
{
    private const long MostElements = int.MaxValue - (1 << 16);

    /// <summary>The stages of a graph, in the order in which they run.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="visible">What somebody is to see: it is stored.</param>
    /// <param name="device">What the device says of itself.</param>
    internal static ImmutableArray<GpuStage> Of(Graph graph, IReadOnlySet<ValueRef> visible, GpuDescription device)
    {
        Step?[] steps = new Step?[graph.Nodes.Length];
        GpuOp?[] kernels = new GpuOp?[graph.Nodes.Length];
        for (int node = 0; node < graph.Nodes.Length; node++)
        {
            if (graph.Nodes[node].Op is not View && graph.Nodes[node].Outputs.Any(output => output.Elements > 0) && Fits(graph, node, device))
            {
                NodeCall call = CallOf(graph, node);
                steps[node] = Step.Of(call);
                kernels[node] = steps[node] is null ? GpuKernels.Of(call, device) : null;
            }
        }

        return [.. GpuFusion.Of(graph, visible, steps, node => kernels[node] is not null && GpuKernels.MayBeFollowed(graph.Nodes[node]))
            .Select(draft => Of(graph, draft, steps, kernels))];
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

            chain.Add(graph.Nodes[node], graph.TypeOf(graph.Nodes[node].Inputs[0]).DType, steps[node]!.Value, sources, draft.NumberOf(node), draft.Kept.Contains(node));
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
