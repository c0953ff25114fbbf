using System;
using System.Buffers;
using System.Runtime.InteropServices;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>Bytes that lie in a file and are read when they are touched. What was read is held until it is dropped, and read again when it is touched
/// again. A span or pointer into it is good for as long as something refers to the memory; a tensor over it does.</summary>
public abstract class FileMemory : MemoryManager<byte>
{
    /// <summary>Gives back the memory of bytes that are not needed for a while; nothing happens where they do not lie in a file.</summary>
    public static void Drop(ReadOnlyMemory<byte> bytes)
    {
        if (MemoryMarshal.TryGetMemoryManager(bytes, out FileMemory? memory, out int start, out int length))
        {
            memory.Drop(start, length);
        }
    }

    /// <summary>Gives back the memory of a part.</summary>
    protected abstract void Drop(int start, int length);
}
