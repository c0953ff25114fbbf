using System;

namespace VerifiableCompute.Engine.Commitments;

/// <summary>Whether one list of leaves begins with another, told from their tree hashes. Not for tensors under BLAKE3, whose top
/// is hashed otherwise than the same digest below another. Source: RFC 9162, section 2.1.4.</summary>
internal static class Consistency
{
    /// <summary>Whether a proof shows that a tree continues another. Never throws.</summary>
    /// <param name="before">Leaves of the earlier tree.</param>
    /// <param name="after">Leaves of the later one.</param>
    /// <param name="old">The earlier tree hash.</param>
    /// <param name="now">The later tree hash.</param>
    /// <param name="proof">Exactly the digests that the sizes imply, from the leaves upwards; none where the sizes are equal.</param>
    /// <param name="hash">The hash function.</param>
    internal static bool Holds(long before, long after, Digest old, Digest now, ReadOnlySpan<Digest> proof, ParentHash hash)
    {
        if (before < 1 || before >= after)
        {
            return before > 0 && before == after && old == now && proof.IsEmpty;
        }

        // The earlier tree's last largest full subtree is where the paths to both tree hashes begin.
        long node = before - 1;
        long last = after - 1;
        while ((node & 1) == 1)
        {
            node >>= 1;
            last >>= 1;
        }

        Digest first = old;
        if (node > 0)
        {
            if (proof.IsEmpty)
            {
                return false;
            }

            first = proof[0];
            proof = proof[1..];
        }

        Digest earlier = first;
        Digest later = first;
        foreach (Digest sibling in proof)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                earlier = Pair(sibling, earlier, hash);
                later = Pair(sibling, later, hash);
                while ((node & 1) == 0 && node > 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                later = Pair(later, sibling, hash);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && earlier == old && later == now;
    }

    private static Digest Pair(Digest left, Digest right, ParentHash hash)
    {
        Span<Digest> pair = [left, right];
        hash(pair, top: false, pair[..1]);
        return pair[0];
    }
}
