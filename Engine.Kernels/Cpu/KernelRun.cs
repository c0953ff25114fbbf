using System;
using System.Buffers;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>One node on its way through the backend: its operands pinned, its scratch, its threads. Everything is given back at the
/// end.</summary>
internal sealed unsafe class KernelRun(
    NodeCall call, WorkerPool pool, Scratch scratch, PackedWeights packed, CancellationToken cancellation) : IDisposable
{
    private const int Alignment = 64;

    private readonly List<MemoryHandle> _pins = [];
    private readonly List<byte[]> _rented = [];

    /// <summary>The node and its operands.</summary>
    internal NodeCall Call => call;

    /// <summary>What was derived from parameters and is kept.</summary>
    internal PackedWeights Packed => packed;

    /// <summary>Number of workers.</summary>
    internal int Workers => pool.Workers;

    /// <summary>Runs the chunks of a loop on the workers.</summary>
    internal void For(long chunks, Action<long, int> body) => pool.Run(chunks, body, cancellation);

    /// <summary>Runs ranges start … end of <paramref name="count"/> items on the workers, several ranges a worker, none much smaller than
    /// <paramref name="least"/>.</summary>
    internal void ForRanges(long count, long least, Action<long, long, int> body)
    {
        long chunks = Math.Max(1, Math.Min(count / Math.Max(1, least), Workers == 1 ? 1 : Workers * 4L));
        For(count == 0 ? 0 : chunks, (chunk, worker) => body(chunk * count / chunks, (chunk + 1) * count / chunks, worker));
    }

    /// <summary>Stops if the caller cancelled.</summary>
    internal void ThrowIfCancelled() => cancellation.ThrowIfCancellationRequested();

    /// <summary>Address of the first source element that the operand's map names.</summary>
    internal T* Pointer<T>(Operand operand)
        where T : unmanaged => (T*)Pin(operand.Bytes) + operand.Map.Offset;

    /// <summary>Address of the operand's source; the map is left to the caller.</summary>
    internal void* Source(Operand operand) => Pin(operand.Bytes);

    /// <summary>Address of the operand's elements in row-major order, copied first if its map is not contiguous.</summary>
    internal T* Contiguous<T>(Operand operand)
        where T : unmanaged => (T*)Bytes(operand, operand.Type.DType.Size());

    /// <summary>As bytes.</summary>
    internal byte* Bytes(Operand operand, int size)
    {
        byte* source = (byte*)Pin(operand.Bytes);
        if (operand.Map.IsContiguous)
        {
            return source + (operand.Map.Offset * size);
        }

        byte* copy = Rent<byte>(operand.Type.Bytes);
        StridedCopy.Run(this, source, size, operand.Map, copy);
        return copy;
    }

    /// <summary>The operand as a tensor for the rest of the call, copied first if its map is not contiguous.</summary>
    internal Tensor ToTensor(Operand operand)
    {
        if (operand.Map.IsContiguous)
        {
            return operand.ToTensor();
        }

        byte[] copy = RentBlock(operand.Type.Bytes);
        StridedCopy.Run(this, (byte*)Pin(operand.Bytes), operand.Type.DType.Size(), operand.Map, (byte*)Address(copy));
        return new Tensor(operand.Type, copy.AsMemory(0, (int)operand.Type.Bytes));
    }

    /// <summary>Address of an output.</summary>
    internal T* Output<T>(int slot)
        where T : unmanaged => (T*)Pin(call.Outputs[slot]);

    /// <summary>Aligned scratch for the rest of the call, its contents open.</summary>
    internal T* Rent<T>(long count)
        where T : unmanaged
    {
        nint address = Address(RentBlock((count * sizeof(T)) + Alignment));
        return (T*)((address + Alignment - 1) & ~(nint)(Alignment - 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MemoryHandle pin in _pins)
        {
            pin.Dispose();
        }

        foreach (byte[] block in _rented)
        {
            scratch.Return(block);
        }
    }

    private static nint Address(byte[] block) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(block));

    private byte[] RentBlock(long bytes)
    {
        byte[] block = scratch.Rent(bytes);
        _rented.Add(block);
        return block;
    }

    private void* Pin(ReadOnlyMemory<byte> bytes)
    {
        MemoryHandle pin = bytes.Pin();
        _pins.Add(pin);
        return pin.Pointer;
    }
}
