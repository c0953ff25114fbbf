using System;

namespace VerifiableCompute.Engine.Commitments;

/// <summary>How a tensor's bytes are cut, and what every hasher asks of its arguments.</summary>
public static class LeafRun
{
    /// <summary>Bytes of a leaf; the last of a tensor may be shorter.</summary>
    public const int LeafBytes = 1024;

    /// <summary>The number of leaves that a number of bytes makes.</summary>
    /// <param name="bytes">Bytes, not negative.</param>
    public static long Count(long bytes) => (bytes / LeafBytes) + (bytes % LeafBytes > 0 ? 1 : 0);

    /// <summary>Throws what <see cref="ILeafHasher.HashLeaves"/> says.</summary>
    public static void Check(Suite suite, ReadOnlySpan<byte> leaves, long first, bool only, Span<Digest> digests)
    {
        RequireSuite(suite);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        if (digests.Length != Count(leaves.Length) || (only && (digests.Length != 1 || first != 0)))
        {
            throw Error.LeafCount(leaves.Length, digests.Length, only);
        }
    }

    /// <summary>Throws what <see cref="ILeafHasher.HashParents"/> says.</summary>
    public static void Check(Suite suite, TreeKind kind, ReadOnlySpan<Digest> children, bool top, Span<Digest> parents)
    {
        RequireSuite(suite);
        _ = Tag.Of(kind, TagRole.Node);
        if (children.Length != 2L * parents.Length || (top && parents.Length != 1))
        {
            throw Error.ParentCount(children.Length, parents.Length, top);
        }
    }

    private static void RequireSuite(Suite suite)
    {
        if (suite is not (Suite.Sha256 or Suite.Blake3))
        {
            throw new ArgumentOutOfRangeException(nameof(suite));
        }
    }
}
