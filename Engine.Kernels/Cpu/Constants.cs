using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Values that are made of parameters alone: dequantised or concatenated weights, ranges. They are computed once, and are parameters to those
/// who read them, so that their packed form is kept too.</summary>
internal static class Constants
{
    // What all of them may take: a share of the parameters, and what nobody minds.
    private const long FreeBytes = 8 << 20;
    private const int Share = 4;

    // Elements that may be read for each byte that all of them may take: computing them cannot be cancelled, and must not take much longer than loading
    // the parameters.
    private const long ReadsPerByte = 32;

    // What one may take for each byte that it is made of; a code of one byte becomes an f32.
    private const int Growth = 4;
    private const int SmallBytes = 4096;

    /// <summary>The constants of a graph that nobody is to see.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="visible">What somebody is to see.</param>
    /// <param name="backend">Computes them.</param>
    /// <param name="take">Asked for each node whose operands are known: true where it need not be computed.</param>
    internal static Dictionary<ValueRef, Tensor> Of(Graph graph, IReadOnlySet<ValueRef> visible, CpuBackend backend, Predicate<int> take)
    {
        Dictionary<ValueRef, Tensor> constants = [];
        HashSet<ValueRef> outputs = [.. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        long left = Math.Max(FreeBytes, graph.Parameters.Sum(parameter => parameter.Value.Type.Bytes) / Share);
        Int128 readsLeft = (Int128)left * ReadsPerByte;
        for (int index = 0; index < graph.Nodes.Length; index++)
        {
            Node node = graph.Nodes[index];
            Tensor?[] sources = [.. node.Inputs.Select(input => Known(graph, graph.Resolve(input).Source, constants))];
            if (node.Op is View || sources.Any(source => source is null) || take(index))
            {
                continue;
            }

            long bytes = node.Outputs.Sum(output => output.Bytes);
            long most = Math.Max(SmallBytes, Growth * sources.Distinct().Sum(source => source!.Type.Bytes));
            ValueRef[] values = [.. node.Outputs.Select((_, slot) => new ValueRef(ValueKind.Node, index, slot))];
            Int128 reads = bytes > Math.Min(most, left) ? Int128.MaxValue : Reads(graph, node);
            if (reads > readsLeft || values.Any(value => visible.Contains(value) || outputs.Contains(value)))
            {
                continue;
            }

            byte[][] made = [.. node.Outputs.Select(output => GC.AllocateUninitializedArray<byte>((int)output.Bytes, pinned: true))];
            Operand[] operands = [.. node.Inputs.Select((input, slot) => new Operand(
                graph.TypeOf(input), sources[slot]!.Bytes, graph.Resolve(input).Map, sources[slot]))];
            backend.Run(new NodeCall(node, [.. operands], [.. made.Select(array => array.AsMemory())]), CancellationToken.None);
            left -= bytes;
            readsLeft -= reads;
            for (int slot = 0; slot < values.Length; slot++)
            {
                constants.Add(values[slot], new Tensor(node.Outputs[slot], made[slot]));
            }
        }

        return constants;
    }

    // At most what its definition reads: of a concatenation each element reads one of one input.
    private static Int128 Reads(Graph graph, Node node)
    {
        TensorType[] types = [.. node.Inputs.Select(graph.TypeOf)];
        Int128 all = 0;
        for (int slot = 0; slot < node.Outputs.Length; slot++)
        {
            Footprint element = Footprint.Element(node.Outputs[slot].Shape);
            Int128 each = node.Op is Concat ? 0 : node.Op.Footprints(types, slot, element).Aggregate(Int128.Zero, (sum, read) => sum + read.Elements);
            all += (each + 1) * node.Outputs[slot].Elements;
        }

        return all;
    }

    private static Tensor? Known(Graph graph, ValueRef source, Dictionary<ValueRef, Tensor> constants)
        => source.Kind == ValueKind.Parameter ? graph.Parameters[source.Index].Value : constants.GetValueOrDefault(source);
}
