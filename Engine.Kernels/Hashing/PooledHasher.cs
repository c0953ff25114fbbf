using System;
using System.Threading;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>Shares long runs of leaves among the workers that have just computed them, each beginning with its own part
/// (<see cref="WorkerPool"/>); everything else is the inner hasher's.</summary>
/// <param name="pool">The workers.</param>
/// <param name="inner">Who hashes.</param>
internal sealed unsafe class PooledHasher(WorkerPool pool, ILeafHasher inner) : ILeafHasher
{
    // Leaves of one share: 64 KiB, a few times what handing out a share costs, and less than a core's second-level cache.
    private const int Share = 64;

    /// <inheritdoc/>
    public void HashLeaves(Suite suite, ReadOnlySpan<byte> leaves, long first, bool only, Span<Digest> digests)
    {
        LeafRun.Check(suite, leaves, first, only, digests);
        if (digests.Length <= Share || pool.Workers == 1)
        {
            inner.HashLeaves(suite, leaves, first, only, digests);
            return;
        }

        int bytes = leaves.Length;
        int count = digests.Length;
        fixed (byte* source = leaves)
        fixed (Digest* target = digests)
        {
            byte* from = source;
            Digest* to = target;
            void Hash(long share, int worker)
            {
                int start = (int)share * Share;
                int offset = start * LeafRun.LeafBytes;
                ReadOnlySpan<byte> part = new(from + offset, Math.Min(Share * LeafRun.LeafBytes, bytes - offset));
                inner.HashLeaves(suite, part, first + start, only: false, new Span<Digest>(to + start, Math.Min(Share, count - start)));
            }

            pool.Run((count + Share - 1) / Share, Hash, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void HashLeaves(Suite suite, ReadOnlySpan<byte> leaves, ReadOnlySpan<long> indices, Span<Digest> digests)
        => inner.HashLeaves(suite, leaves, indices, digests);

    /// <inheritdoc/>
    public void HashMessages(Suite suite, TreeKind kind, TagRole role, ReadOnlySpan<byte> messages, Span<Digest> digests)
        => inner.HashMessages(suite, kind, role, messages, digests);

    /// <inheritdoc/>
    public void HashParents(Suite suite, TreeKind kind, ReadOnlySpan<Digest> children, bool top, Span<Digest> parents)
        => inner.HashParents(suite, kind, children, top, parents);
}
