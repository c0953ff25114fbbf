using System;
using System.Security.Cryptography;

namespace VerifiableCompute.Engine.Commitments;

//
//  What is hashed, in each suite
//
//            sha256                                  blake3, tensor                       blake3, other kinds
//  Leaf      SHA256(T_leaf, bytes)                   chunk of BLAKE3(T_tree, the tensor)  BLAKE3(T_leaf, bytes)
//  Parent    SHA256(T_node, left, right)             its parent                           BLAKE3(T_node, left, right)
//  Root      SHA256(T_root, u64 size, tree hash)     BLAKE3(T_root, u64 size, tree hash), both
//
//  T_role is the kind's tag: a block of 64 bytes before the data for SHA-256, the context of derive_key for BLAKE3.
//

/// <summary>The definition of the hashing: one leaf and one parent after the other.</summary>
public sealed class PlainHasher : ILeafHasher
{
    private const int BlockBytes = 64;
    private const int Small = 1024;

    private PlainHasher()
    {
    }

    /// <summary>The only one; it has no state.</summary>
    public static PlainHasher Instance { get; } = new();

    /// <inheritdoc/>
    public void HashLeaves(Suite suite, ReadOnlySpan<byte> leaves, long first, bool only, Span<Digest> digests)
    {
        LeafRun.Check(suite, leaves, first, only, digests);
        Tag tag = Tag.Of(TreeKind.Tensor, suite == Suite.Sha256 ? TagRole.Leaf : TagRole.Tree);
        Span<byte> buffer = stackalloc byte[BlockBytes + Small];
        for (int i = 0; i < digests.Length; i++)
        {
            ReadOnlySpan<byte> leaf = leaves[(i * LeafRun.LeafBytes)..];
            leaf = leaf[..Math.Min(leaf.Length, LeafRun.LeafBytes)];
            digests[i] = suite == Suite.Sha256 ? Sha256(tag, leaf, buffer) : Blake3.ChunkValue(tag.Key, leaf, (ulong)(first + i), only);
        }
    }

    /// <inheritdoc/>
    public void HashLeaves(Suite suite, ReadOnlySpan<byte> leaves, ReadOnlySpan<long> indices, Span<Digest> digests)
    {
        LeafRun.Check(suite, leaves, indices, digests);
        for (int i = 0; i < indices.Length; i++)
        {
            HashLeaves(suite, leaves.Slice(i * LeafRun.LeafBytes, LeafRun.LeafBytes), indices[i], only: false, digests.Slice(i, 1));
        }
    }

    /// <inheritdoc/>
    public void HashMessages(Suite suite, TreeKind kind, TagRole role, ReadOnlySpan<byte> messages, Span<Digest> digests)
    {
        int length = LeafRun.Check(suite, kind, role, messages, digests);
        for (int i = 0; i < digests.Length; i++)
        {
            digests[i] = Hash(suite, Tag.Of(kind, role), messages.Slice(i * length, length));
        }
    }

    /// <inheritdoc/>
    public void HashParents(Suite suite, TreeKind kind, ReadOnlySpan<Digest> children, bool top, Span<Digest> parents)
    {
        LeafRun.Check(suite, kind, children, parents);
        bool tree = suite == Suite.Blake3 && kind == TreeKind.Tensor;
        Tag tag = Tag.Of(kind, tree ? TagRole.Tree : TagRole.Node);
        Span<byte> pair = stackalloc byte[2 * Digest.Bytes];
        for (int i = 0; i < parents.Length; i++)
        {
            (Digest left, Digest right) = (children[2 * i], children[(2 * i) + 1]);
            if (tree)
            {
                parents[i] = Blake3.ParentValue(tag.Key, left, right, top);
                continue;
            }

            left.Span.CopyTo(pair);
            right.Span.CopyTo(pair[Digest.Bytes..]);
            parents[i] = Hash(suite, tag, pair);
        }
    }

    /// <summary>Hashes bytes of any length under a tag: leaves of the kinds other than Tensor, and roots.</summary>
    internal static Digest Hash(Suite suite, Tag tag, ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[Digest.Bytes];
        if (suite == Suite.Blake3)
        {
            Blake3.DeriveKey(tag.Key, bytes, digest);
            return new Digest(digest);
        }

        if (bytes.Length <= Small)
        {
            return Sha256(tag, bytes, stackalloc byte[BlockBytes + Small]);
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(tag.Block);
        hash.AppendData(bytes);
        hash.GetHashAndReset(digest);
        return new Digest(digest);
    }

    private static Digest Sha256(Tag tag, ReadOnlySpan<byte> bytes, Span<byte> buffer)
    {
        tag.Block.CopyTo(buffer);
        bytes.CopyTo(buffer[BlockBytes..]);
        Span<byte> digest = stackalloc byte[Digest.Bytes];
        SHA256.HashData(buffer[..(BlockBytes + bytes.Length)], digest);
        return new Digest(digest);
    }
}
