using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Backends;

/// <summary>One input of a node at run time: the bytes that hold its elements, and the map to them.</summary>
/// <param name="Type">Element type and shape that the node sees.</param>
/// <param name="Bytes">Row-major bytes of the source.</param>
/// <param name="Map">From the elements that the node sees to the source's.</param>
/// <param name="Parameter">The parameter, where the source is one: its identity allows what is derived from it to be kept.</param>
public sealed record Operand(TensorType Type, ReadOnlyMemory<byte> Bytes, AffineView Map, Tensor? Parameter)
{
    /// <summary>The elements in row-major order: the bytes themselves where the map is contiguous, a copy otherwise.</summary>
    public Tensor ToTensor()
    {
        int size = Type.DType.Size();
        if (Map.IsContiguous)
        {
            return new Tensor(Type, Bytes.Slice((int)(Map.Offset * size), (int)Type.Bytes));
        }

        byte[] copy = GC.AllocateUninitializedArray<byte>((int)Type.Bytes);
        AffineCopy.Run(Bytes.Span, size, Map, copy);
        return new Tensor(Type, copy);
    }
}

/// <summary>One node to run: its operands, and where each output goes.</summary>
/// <param name="Node">The node.</param>
/// <param name="Inputs">Its operands.</param>
/// <param name="Outputs">Row-major bytes of each output, to be filled.</param>
public sealed record NodeCall(Node Node, ImmutableArray<Operand> Inputs, ImmutableArray<Memory<byte>> Outputs);

/// <summary>Somewhere that runs a node. Every backend gives the bits of the op's definition.</summary>
public interface IBackend : IDisposable
{
    /// <summary>What it is, for people: reference, cpu …</summary>
    string Name { get; }

    /// <summary>Fills every output of the node.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the outputs are undefined.</exception>
    /// <exception cref="BackendException">The device failed.</exception>
    void Run(NodeCall call, CancellationToken cancellation);

    /// <summary>Prepares a graph. Where a backend says nothing of its own, the nodes run one by one.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="visible">Values that must have their bytes in memory when their stage has run, beside the graph's outputs; or be held by an
    /// <see cref="IDeviceProgram"/>.</param>
    IProgram Load(Graph graph, IReadOnlySet<ValueRef> visible) => new NodeProgram(graph, this);
}
