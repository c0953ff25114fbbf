using System;
using System.Buffers;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Execution;

/// <summary>Memory of a result, which knows whose it is: so it can be given back. Who reads it afterwards is refused.</summary>
/// <param name="executor">Who filled it.</param>
/// <param name="value">With what.</param>
/// <param name="bytes">The memory.</param>
internal sealed class Result(Executor executor, ValueRef value, byte[] bytes) : MemoryManager<byte>
{
    private byte[]? _bytes = bytes;

    private byte[] Bytes => _bytes ?? throw new ObjectDisposedException(nameof(Tensor), "the result was given back to its executor");

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => Bytes;

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => Bytes.AsMemory(elementIndex).Pin();

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <summary>Whether it holds this value of this executor.</summary>
    internal bool Is(Executor ofExecutor, ValueRef what) => _bytes is not null && ofExecutor == executor && what == value;

    /// <summary>Gives the memory back.</summary>
    internal byte[] Leave()
    {
        byte[] left = Bytes;
        _bytes = null;
        return left;
    }

    /// <inheritdoc/>
    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        segment = Bytes;
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
