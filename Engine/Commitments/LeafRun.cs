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

    /// <summary>Throws what <see cref="ILeafHasher.HashLeaves(Suite, ReadOnlySpan{byte}, long, bool, Span{Digest})"/> says.</summary>
    public static void Check(Suite suite, ReadOnlySpan<byte> leaves, long first, bool only, Span<Digest> digests)
    {
        RequireSuite(suite);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        if (digests.Length != Count(leaves.Length) || (only && (digests.Length != 1 || first != 0)))
        {
            throw Error.LeafCount(leaves.Length, digests.Length, only);
        }
    }

    /// <summary>Throws what the other <see cref="ILeafHasher.HashLeaves(Suite, ReadOnlySpan{byte}, ReadOnlySpan{long}, Span{Digest})"/> says.</summary>
    public static void Check(Suite suite, ReadOnlySpan<byte> leaves, ReadOnlySpan<long> indices, Span<Digest> digests)
    {
        RequireSuite(suite);
        if (leaves.Length != (long)LeafBytes * indices.Length || digests.Length != indices.Length)
        {
            throw Error.LeafCount(leaves.Length, digests.Length, only: false);
        }
    }

    /// <summary>Throws what <see cref="ILeafHasher.HashMessages"/> says.</summary>
    /// <returns>Bytes of a message.</returns>
    public static int Check(Suite suite, TreeKind kind, TagRole role, ReadOnlySpan<byte> messages, Span<Digest> digests)
    {
        RequireSuite(suite);
        _ = Tag.Of(kind, role);
        int length = messages.Length / Math.Max(1, digests.Length);
        return length * digests.Length == messages.Length ? length : throw Error.LeafCount(messages.Length, digests.Length, only: false);
    }

    /// <summary>Throws what <see cref="ILeafHasher.HashParents"/> says.</summary>
    public static void Check(Suite suite, TreeKind kind, ReadOnlySpan<Digest> children, Span<Digest> parents)
    {
        RequireSuite(suite);
        _ = Tag.Of(kind, TagRole.Node);
        if (children.Length != 2L * parents.Length)
        {
            throw Error.ParentCount(children.Length, parents.Length);
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
