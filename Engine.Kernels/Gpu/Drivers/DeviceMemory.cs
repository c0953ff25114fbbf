using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>Memory of a device within a budget. What buffers give back is kept for others of its size class, until the budget or the device
/// needs it. Used by one thread at a time; finalisers may come between.</summary>
/// <param name="budget">Bytes that may be taken from the device.</param>
/// <param name="largest">The largest piece there is.</param>
/// <param name="allocate">Takes so many bytes from the device, or throws a <see cref="GpuMemoryException"/>.</param>
internal sealed class DeviceMemory(long budget, long largest, Func<long, SafeHandle> allocate)
{
    private const int Least = 256;
    private readonly Dictionary<long, Stack<SafeHandle>> _kept = [];
    private long _heldBytes;
    private bool _closed;

    /// <summary>Bytes of the buffers that are alive, in whole size classes.</summary>
    internal long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Bytes kept for later buffers.</summary>
    internal long KeptBytes { get; private set; }

    /// <summary>The piece that serves a buffer: of eight sizes to the octave, and of 256 bytes at least.</summary>
    internal long SizeOf(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes > largest)
        {
            throw new GpuMemoryException($"a buffer of {bytes} bytes; the device's largest has {largest}");
        }

        long step = Math.Max(Least, (long)(BitOperations.RoundUpToPowerOf2((ulong)bytes) / 16));
        return Math.Min(Math.Max(bytes + step - 1, step) / step * step, Math.Max(largest, Least));
    }

    /// <summary>A piece of a size from <see cref="SizeOf"/>.</summary>
    internal SafeHandle Take(long size)
    {
        if (_kept.TryGetValue(size, out Stack<SafeHandle>? pieces) && pieces.TryPop(out SafeHandle? piece))
        {
            KeptBytes -= size;
        }
        else
        {
            if (size > budget - HeldBytes - KeptBytes)
            {
                Trim();
            }

            if (size > budget - HeldBytes)
            {
                throw new GpuMemoryException($"{size} bytes more than the {HeldBytes} that are held; the budget is {budget}");
            }

            piece = TakeFromDevice(size);
        }

        Interlocked.Add(ref _heldBytes, size);
        return piece;
    }

    /// <summary>Gives a piece back. What is still queued may use it: whoever gets it next is queued behind.</summary>
    internal void GiveBack(SafeHandle piece, long size)
    {
        Interlocked.Add(ref _heldBytes, -size);
        if (_closed)
        {
            piece.Dispose();
            return;
        }

        if (!_kept.TryGetValue(size, out Stack<SafeHandle>? pieces))
        {
            _kept.Add(size, pieces = []);
        }

        pieces.Push(piece);
        KeptBytes += size;
    }

    /// <summary>Gives a forgotten piece back to the device; for finalisers.</summary>
    internal void Forget(SafeHandle piece, long size)
    {
        piece.Dispose();
        Interlocked.Add(ref _heldBytes, -size);
    }

    /// <summary>Gives everything that is kept back to the device.</summary>
    internal void Trim()
    {
        foreach (Stack<SafeHandle> pieces in _kept.Values)
        {
            while (pieces.TryPop(out SafeHandle? piece))
            {
                piece.Dispose();
            }
        }

        KeptBytes = 0;
    }

    /// <summary>Keeps nothing any more.</summary>
    internal void Close()
    {
        _closed = true;
        Trim();
    }

    private SafeHandle TakeFromDevice(long size)
    {
        try
        {
            return allocate(size);
        }
        catch (GpuMemoryException) when (KeptBytes > 0)
        {
            Trim();
            return allocate(size);
        }
    }
}
