using System;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Faults;

/// <summary>Computes as another backend does, except where a fault says otherwise.</summary>
internal sealed class FaultyBackend : IBackend
{
    private readonly IBackend _inner;
    private readonly Fault _fault;

    // A part of the graph has the node with other names of its inputs; the array of outputs is the node's own.
    private readonly Node? _node;
    private readonly int _bit;

    /// <summary>A backend with a fault in one graph.</summary>
    /// <exception cref="ArgumentException">The graph has no such node.</exception>
    internal FaultyBackend(IBackend inner, Fault fault, LoweredGraph graph)
    {
        _inner = inner;
        _fault = fault;
        if (fault.Kind == FaultKind.Flip)
        {
            byte[] drawn = Ids.Of("fault", BitConverter.GetBytes(fault.Seed)).Span.ToArray();
            ElementRef element = graph.Committed.AtElement(BinaryPrimitives.ReadUInt128LittleEndian(drawn) % graph.Committed.Elements);
            TensorType type = graph.Committed.TypeOf(element.Node, element.Slot);
            _bit = type.DType == DType.Bool ? 0 : drawn[16] % (8 * type.DType.Size());
            _node = graph.Graph.Nodes[element.Node];
            Element = element;
        }
        else if (fault.Kind == FaultKind.Skip)
        {
            int index = Enumerable.Range(0, graph.Graph.Nodes.Length).FirstOrDefault(
                i => graph.Graph.Nodes[i].Name == fault.Node && graph.Graph.Nodes[i].Op is not Ops.View, -1);
            _node = index < 0 ? throw new ArgumentException($"the graph has no node '{fault.Node}'") : graph.Graph.Nodes[index];
            Element = new ElementRef(index, 0, 0);
        }
    }

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <summary>Where the fault lies; null where it is in the weights.</summary>
    internal ElementRef? Element { get; }

    /// <inheritdoc/>
    public void Run(NodeCall call, CancellationToken cancellation)
    {
        _inner.Run(call, cancellation);
        if (call.Node.Name != _node?.Name || call.Node.Outputs != _node.Outputs)
        {
            return;
        }

        if (_fault.Kind == FaultKind.Flip)
        {
            (_, int slot, long element) = Element!.Value;
            int size = call.Node.Outputs[slot].DType.Size();
            call.Outputs[slot].Span[(int)(element * size) + (_bit / 8)] ^= (byte)(1 << (_bit % 8));
            return;
        }

        Skip(call);
    }

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();

    /// <summary>Weights rounded to bf16, as a prover would that runs a cheaper copy of the model.</summary>
    internal static ImmutableArray<Tensor> Rounded(Graph graph) => [.. graph.Parameters.Select(parameter => Rounded(parameter.Value))];

    // The first input of the output's type; else as much as fits of one of its element type; else zeros.
    private static void Skip(NodeCall call)
    {
        TensorType type = call.Node.Outputs[0];
        Operand[] values = [.. call.Inputs.Where(input => input.Parameter is null && input.Type.DType == type.DType)];
        Operand? passed = values.FirstOrDefault(input => input.Type == type) ?? values.FirstOrDefault();
        Span<byte> output = call.Outputs[0].Span;
        ReadOnlySpan<byte> bytes = passed is null ? default : passed.ToTensor().Bytes.Span;
        output.Clear();
        bytes[..Math.Min(bytes.Length, output.Length)].CopyTo(output);
    }

    private static Tensor Rounded(Tensor tensor)
    {
        if (tensor.Type.DType != DType.F32)
        {
            return tensor;
        }

        byte[] bytes = tensor.Bytes.ToArray();
        foreach (ref float value in MemoryMarshal.Cast<byte, float>(bytes.AsSpan()))
        {
            value = Real.FromBF16(Real.ToBF16(value));
        }

        return new Tensor(tensor.Type, bytes);
    }
}
