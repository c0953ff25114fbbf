using System;
using System.Collections.Generic;
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

    // The last one is in use; those before it are full.
    private readonly List<NativeBlock> _blocks = [];
    private nint _start;
    private long _size;
    private long _used;
    private long _usedBefore;
    private long _wanted = Least;

    /// <summary>Aligned memory until the next reset, its contents open.</summary>
    /// <exception cref="BackendException">Longer than an array may be; nothing has changed then.</exception>
    internal nint Rent(long bytes)
    {
        long size = (bytes + Alignment - 1) & -Alignment;
        if (size > _size - _used)
        {
            // Allocates before anything changes: a request may be refused.
            Take(Math.Max(_wanted, size));
        }

        nint start = _start + (nint)_used;
        _used += size;
        return start;
    }

    /// <summary>Takes everything back. What took several blocks gets one the next time.</summary>
    internal void Reset()
    {
        if (_blocks.Count > 1)
        {
            _wanted = Math.Min(_usedBefore + _used, Array.MaxLength);
            foreach (NativeBlock block in _blocks)
            {
                scratch.Count(-block.Bytes);
                block.Dispose();
            }

            _blocks.Clear();
            _size = 0;
        }

        _used = 0;
        _usedBefore = 0;
    }

    private void Take(long bytes)
    {
        NativeBlock block = new(Scratch.Length(bytes));
        _wanted = Least;
        _blocks.Add(block);
        scratch.Count(bytes);
        _start = block.Address;
        _size = bytes;
        _usedBefore += _used;
        _used = 0;
    }
}
