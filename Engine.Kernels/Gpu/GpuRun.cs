using System;
using System.Collections.Generic;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Elementwise;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>What runs on a device in place of a node, or of some that run together: made once from the node's op, types and maps.</summary>
/// <param name="run">Where the operands lie now.</param>
internal delegate void GpuOp(GpuRun run);

/// <summary>One run of a stage on a device: where its operands and outputs lie, scratch, launches.</summary>
/// <param name="device">The device.</param>
/// <param name="operands">Type, map and parameter of each operand; they have no bytes here.</param>
/// <param name="types">Types of the outputs.</param>
/// <param name="sources">The buffers that the operands' maps lead into.</param>
/// <param name="outputs">The buffers of the outputs.</param>
internal sealed class GpuRun(
    IGpuDevice device, IReadOnlyList<Operand> operands, IReadOnlyList<TensorType> types, GpuBuffer[] sources, GpuBuffer[] outputs) : IDisposable
{
    private readonly List<GpuBuffer> _rented = [];
    private Chain? _chain;
    private TensorType? _made;
    private GpuArgument[]? _following;

    /// <summary>The device.</summary>
    internal IGpuDevice Device => device;

    /// <summary>Number of operands of the node, without those of a chain that follows it.</summary>
    internal int Operands => _chain?.FirstOperand ?? operands.Count;

    /// <summary>Number of operands of the stage.</summary>
    internal int AllOperands => operands.Count;

    /// <summary>Number of outputs of the stage.</summary>
    internal int Outputs => outputs.Length;

    /// <summary>Type and map of an operand.</summary>
    internal Operand Operand(int slot) => operands[slot];

    /// <summary>Type of an output of the node.</summary>
    internal TensorType Type(int slot) => _made ?? types[slot];

    /// <summary>What an operand's map leads into.</summary>
    internal GpuBuffer Source(int slot) => sources[slot];

    /// <summary>Where an output goes, in row-major order; with a chain behind the node, an output of the stage.</summary>
    internal GpuBuffer Output(int slot) => outputs[slot];

    /// <summary>An operand's elements in row-major order: where they lie, or copied into scratch.</summary>
    /// <returns>The buffer, and the number of the first element in it.</returns>
    internal (GpuBuffer Buffer, long Offset) Contiguous(int slot)
    {
        Operand operand = operands[slot];
        if (operand.Map.IsContiguous)
        {
            return (sources[slot], operand.Map.Offset);
        }

        GpuBuffer copy = Rent(operand.Type.Bytes);
        Ops.Copy.Run(this, sources[slot], operand.Map, operand.Type.DType.Size(), copy, 0);
        return (copy, 0);
    }

    /// <summary>Scratch until the run is over, its contents open.</summary>
    internal GpuBuffer Rent(long bytes)
    {
        GpuBuffer buffer = device.Allocate(bytes);
        _rented.Add(buffer);
        return buffer;
    }

    /// <summary>Room for what is made before the outputs are, and is not read when an element of them is stored but at its own place: an output of
    /// that size, or scratch.</summary>
    internal GpuBuffer Room(long bytes) => Array.Find(outputs, output => output.Bytes == bytes) ?? Rent(bytes);

    /// <summary>A small table of numbers for the run.</summary>
    internal GpuBuffer Table(ReadOnlySpan<int> numbers)
    {
        GpuBuffer buffer = Rent((long)numbers.Length * sizeof(int));
        device.Write(buffer, 0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers));
        return buffer;
    }

    /// <summary>Queues a kernel.</summary>
    /// <param name="text">The text it is in.</param>
    /// <param name="entry">Its name.</param>
    /// <param name="groups">Numbers of work-groups.</param>
    /// <param name="arguments">Its arguments.</param>
    internal void Launch(string text, string entry, GpuGrid groups, params ReadOnlySpan<GpuArgument> arguments)
        => device.Launch(device.Kernel(text, entry), groups, arguments);

    /// <summary>Says what follows the node that is about to run: the outputs are those of the stage.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="made">The type of what the node makes.</param>
    internal void Follow(Chain chain, TensorType made)
    {
        _chain = chain;
        _made = made;
    }

    /// <summary>Queues the kernel of a product that makes its elements: the one that runs the chain on them, where one follows.</summary>
    /// <param name="text">The text it is in; one that a chain follows is in a text of its own.</param>
    /// <param name="entry">Its name.</param>
    /// <param name="groups">Numbers of work-groups.</param>
    /// <param name="arguments">Its arguments without those of the chain.</param>
    internal void LaunchFollowed(string text, string entry, GpuGrid groups, params ReadOnlySpan<GpuArgument> arguments)
    {
        if (_chain is null)
        {
            Launch(text, entry, groups, arguments);
            return;
        }

        _following ??= _chain.Arguments(this);
        Launch(text + "Chain", entry, groups, [.. arguments, .. _following]);
    }

    /// <summary>Queues a kernel with work-groups of 256 and a work-item for each of some elements.</summary>
    /// <param name="text">The text it is in.</param>
    /// <param name="entry">Its name.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="arguments">Its arguments.</param>
    internal void LaunchEach(string text, string entry, long count, params ReadOnlySpan<GpuArgument> arguments)
        => Launch(text, entry, new GpuGrid((count + 255) / 256), arguments);

    /// <summary>Gives the scratch back; what is queued still has it.</summary>
    public void Dispose()
    {
        foreach (GpuBuffer buffer in _rented)
        {
            buffer.Dispose();
        }

        _rented.Clear();
    }
}
