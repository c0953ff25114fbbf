using System;
using System.Buffers;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Addresses of memory that is held in place: a table whose entries are set again and again.</summary>
/// <param name="count">Number of entries; all begin as 0.</param>
internal sealed unsafe class Pins(int count) : IDisposable
{
    private readonly MemoryHandle[] _handles = new MemoryHandle[count];

    /// <summary>Lets go of memory whose owner forgot to.</summary>
    ~Pins() => Clear();

    /// <summary>The table.</summary>
    internal nint[] Addresses { get; } = new nint[count];

    /// <summary>Holds the memory in place of what the entry held before.</summary>
    internal void Set(int entry, ReadOnlyMemory<byte> bytes)
    {
        _handles[entry].Dispose();
        _handles[entry] = default;
        if (!bytes.IsEmpty)
        {
            _handles[entry] = bytes.Pin();
        }

        Addresses[entry] = (nint)_handles[entry].Pointer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        GC.SuppressFinalize(this);
    }

    private void Clear()
    {
        foreach (ref MemoryHandle handle in _handles.AsSpan())
        {
            handle.Dispose();
            handle = default;
        }
    }
}
