using System;
using System.Collections.Generic;

namespace VerifiableCompute.Engine.Commitments;

//
//  The shape of every tree: that of RFC 6962, section 2.1, which is also BLAKE3's
//
//  Level 0 is the leaves. The next level has the parents of the pairs of neighbours, left to right; where a level's width is odd, its last
//  member has no partner and stands in the next level unchanged. The level of width 1 is the tree hash. This is the recursion of the RFC
//  (left: the largest power of two below the width) read from below.
//

/// <summary>Hashes pairs into their parents; <paramref name="parents"/> may be the start of <paramref name="children"/>.</summary>
/// <param name="children">Two per parent.</param>
/// <param name="top">Whether the one parent is the tree's top.</param>
/// <param name="parents">Filled.</param>
internal delegate void ParentHash(ReadOnlySpan<Digest> children, bool top, Span<Digest> parents);

/// <summary>The arithmetic of levels. It knows no hash function.</summary>
internal static class TreeShape
{
    /// <summary>The width of the level above one.</summary>
    internal static long Above(long width) => (width >> 1) + (width & 1);

    /// <summary>Computes the level above one, in other memory or in place.</summary>
    /// <param name="level">The level.</param>
    /// <param name="top">Whether its tree is the whole tree.</param>
    /// <param name="hash">The hash function.</param>
    /// <param name="above">Filled as far as the level above is wide.</param>
    internal static void Lift(ReadOnlySpan<Digest> level, bool top, ParentHash hash, Span<Digest> above)
    {
        int pairs = level.Length / 2;
        Digest last = level[^1];
        hash(level[..(2 * pairs)], top && level.Length == 2, above[..pairs]);
        if (2 * pairs < level.Length)
        {
            above[pairs] = last;
        }
    }

    /// <summary>The tree hash of at least one leaf; the leaves' memory is used up.</summary>
    internal static Digest Reduce(Span<Digest> level, bool top, ParentHash hash)
    {
        while (level.Length > 1)
        {
            Lift(level, top, hash, level);
            level = level[..(int)Above(level.Length)];
        }

        return level[0];
    }

    /// <summary>The members, as level and index, that the tree hash of some leaves needs beside these: level by level from the leaves,
    /// left to right.</summary>
    /// <param name="width">The number of leaves.</param>
    /// <param name="indices">The leaves: at least one, strictly ascending, below the width. Used up.</param>
    internal static IEnumerable<(int Level, long Index)> Siblings(long width, long[] indices)
    {
        int count = indices.Length;
        for (int level = 0; width > 1; level++)
        {
            int next = 0;
            for (int i = 0; i < count; i++)
            {
                long index = indices[i];
                long sibling = index ^ 1;
                indices[next++] = index >> 1;
                if (i + 1 < count && indices[i + 1] == sibling)
                {
                    i++;
                }
                else if (sibling < width)
                {
                    yield return (level, sibling);
                }
            }

            count = next;
            width = Above(width);
        }
    }

    /// <summary>The tree hash that some leaves and the siblings of <see cref="Siblings"/> give.</summary>
    /// <param name="width">The number of leaves.</param>
    /// <param name="indices">As for <see cref="Siblings"/>. Used up.</param>
    /// <param name="digests">The leaves' digests. Used up.</param>
    /// <param name="siblings">The siblings; exactly as many as are needed.</param>
    /// <param name="hash">The hash function.</param>
    internal static Digest Fold(long width, long[] indices, Span<Digest> digests, ReadOnlySpan<Digest> siblings, ParentHash hash)
    {
        Digest[] children = new Digest[2 * indices.Length];
        int count = indices.Length;
        while (width > 1)
        {
            int next = 0;
            int pairs = 0;
            Digest last = digests[count - 1];
            for (int i = 0; i < count; i++)
            {
                long index = indices[i];
                long sibling = index ^ 1;
                indices[next++] = index >> 1;
                if (sibling >= width)
                {
                    break; // The last of an odd level; there is none after it.
                }

                Digest other;
                int own = i;
                if (i + 1 < count && indices[i + 1] == sibling)
                {
                    other = digests[++i];
                }
                else
                {
                    other = siblings[0];
                    siblings = siblings[1..];
                }

                children[2 * pairs] = (index & 1) == 0 ? digests[own] : other;
                children[(2 * pairs) + 1] = (index & 1) == 0 ? other : digests[own];
                pairs++;
            }

            hash(children.AsSpan(0, 2 * pairs), width == 2, digests[..pairs]);
            if (pairs < next)
            {
                digests[pairs] = last;
            }

            count = next;
            width = Above(width);
        }

        return digests[0];
    }
}
