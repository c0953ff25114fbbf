using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Memory that kernels borrow during one call. Blocks are kept for the next call; pinned, so that pointers into them
/// hold.</summary>
internal sealed class Scratch
{
    private readonly Lock _gate = new();
    private readonly List<byte[]> _free = [];

    /// <summary>Bytes of all blocks, lent or not; never falls, so it is the most that was held.</summary>
    internal long Bytes { get; private set; }

    /// <summary>A block of at least the given size, its contents open.</summary>
    internal byte[] Rent(long bytes)
    {
        int length = Length(bytes);
        lock (_gate)
        {
            byte[]? best = _free.Where(block => block.LongLength >= bytes).MinBy(block => block.LongLength);
            if (best is not null)
            {
                _free.Remove(best);
                return best;
            }

            // None is large enough: the largest is given up for one that is.
            byte[]? largest = _free.MaxBy(block => block.LongLength);
            if (largest is not null)
            {
                _free.Remove(largest);
                Bytes -= largest.LongLength;
            }

            byte[] block = GC.AllocateUninitializedArray<byte>(length, pinned: true);
            Bytes += block.LongLength;
            return block;
        }
    }

    /// <summary>The length of an array.</summary>
    /// <exception cref="BackendException">No array is that long.</exception>
    internal static int Length(long elements) => elements <= Array.MaxLength
        ? (int)elements
        : throw new BackendException($"a node needs {elements} elements of scratch in one piece; an array holds {Array.MaxLength}");

    /// <summary>Takes a block back.</summary>
    internal void Return(byte[] block)
    {
        lock (_gate)
        {
            _free.Add(block);
        }
    }
}
