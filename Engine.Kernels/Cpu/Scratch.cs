using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Memory that kernels borrow during one node: one arena for each run under way, kept for the next.</summary>
internal sealed class Scratch
{
    private readonly Lock _gate = new();
    private readonly Stack<Arena> _free = [];
    private long _bytes;

    /// <summary>Bytes of all arenas, lent or not; never falls between nodes, so it is the most that was held.</summary>
    internal long Bytes => Volatile.Read(ref _bytes);

    /// <summary>An arena for a run.</summary>
    internal Arena Rent()
    {
        lock (_gate)
        {
            return _free.TryPop(out Arena? arena) ? arena : new Arena(this);
        }
    }

    /// <summary>Takes an arena back.</summary>
    internal void Return(Arena arena)
    {
        arena.Reset();
        lock (_gate)
        {
            _free.Push(arena);
        }
    }

    /// <summary>The length of an array.</summary>
    /// <exception cref="BackendException">No array is that long.</exception>
    internal static int Length(long elements) => elements <= Array.MaxLength
        ? (int)elements
        : throw new BackendException($"a node needs {elements} elements of scratch in one piece; an array holds {Array.MaxLength}");

    internal void Count(long bytes) => Interlocked.Add(ref _bytes, bytes);
}

/// <summary>Scratch of one run, handed out by moving a pointer and taken back all at once.</summary>
/// <param name="scratch">Who counts its bytes.</param>
internal sealed unsafe class Arena(Scratch scratch)
{
    private const int Alignment = 64;
    private const int Least = 1 << 16;

    private readonly List<byte[]> _full = [];
    private byte[] _block = [];
    private nint _start;
    private long _used;
    private long _usedBefore;

    /// <summary>Aligned memory until the next reset, its contents open.</summary>
    /// <exception cref="BackendException">No array is that long; nothing has changed then.</exception>
    internal nint Rent(long bytes)
    {
        long at = _used;
        long end = at + Rounded(bytes);
        if (end + Alignment > _block.LongLength)
        {
            return Grown(bytes);
        }

        _used = end;
        return _start + (nint)at;
    }

    /// <summary>Takes everything back. What took several blocks gets one the next time.</summary>
    internal void Reset()
    {
        long needed = _usedBefore + _used + Alignment;
        _used = 0;
        _usedBefore = 0;
        if (_full.Count > 0)
        {
            scratch.Count(-_full.Sum(block => block.LongLength) - _block.LongLength);
            _full.Clear();
            _block = [];
            Take(Math.Min(needed, Array.MaxLength));
        }
    }

    private static long Rounded(long bytes) => (bytes + Alignment - 1) & -Alignment;

    private nint Grown(long bytes)
    {
        byte[] full = _block;
        Take(Math.Max(Least, Rounded(bytes) + Alignment));
        if (full.Length > 0)
        {
            _full.Add(full);
            _usedBefore += _used;
        }

        _used = Rounded(bytes);
        return _start;
    }

    // Allocates before anything changes: a request may be refused.
    private void Take(long bytes)
    {
        _block = GC.AllocateUninitializedArray<byte>(Scratch.Length(bytes), pinned: true);
        scratch.Count(_block.LongLength);
        _start = ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_block)) + Alignment - 1) & ~(nint)(Alignment - 1);
    }
}
