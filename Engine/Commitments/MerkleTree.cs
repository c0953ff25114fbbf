using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Commitments;

/// <summary>A tree with all its levels, from which leaves can be opened; and, without keeping levels, the root alone. The shape is that
/// of RFC 6962. The tree hash of no leaves is 32 zero bytes, that of one leaf the leaf's digest. The root binds suite, kind and size.</summary>
public sealed class MerkleTree
{
    // So many leaves are hashed, and reduced to one digest, at a time: a power of two, small enough for the stack.
    private const int Batch = 256;

    // So many leaves of a list are hashed side by side.
    private const int Alike = 16;

    private readonly ImmutableArray<Digest[]> _levels;

    private MerkleTree(Suite suite, TreeKind kind, long size, Digest[] leaves, ILeafHasher hasher)
    {
        Suite = suite;
        Kind = kind;
        Size = size;
        ParentHash hash = Parents(suite, kind, hasher);
        ImmutableArray<Digest[]>.Builder levels = ImmutableArray.CreateBuilder<Digest[]>();
        Digest[] level = leaves;
        levels.Add(level);
        while (level.Length > 1)
        {
            Digest[] above = new Digest[TreeShape.Above(level.Length)];
            TreeShape.Lift(level, top: true, hash, above);
            level = above;
            levels.Add(level);
        }

        _levels = levels.ToImmutable();
        TreeHash = level.Length == 0 ? default : level[0];
        Root = Bind(suite, kind, size, TreeHash);
    }

    /// <summary>The hash function.</summary>
    public Suite Suite { get; }

    /// <summary>What the tree commits to.</summary>
    public TreeKind Kind { get; }

    /// <summary>The number of leaves; for a tensor the number of bytes.</summary>
    public long Size { get; }

    /// <summary>The number of leaves.</summary>
    public long LeafCount => _levels[0].Length;

    /// <summary>The hash of the leaves.</summary>
    public Digest TreeHash { get; }

    /// <summary>The hash of size and tree hash under the kind's tag: what other objects contain.</summary>
    public Digest Root { get; }

    /// <summary>The tree of a tensor's bytes. It holds some 64 bytes per leaf.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="bytes">The bytes, row-major and canonical.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such suite.</exception>
    public static MerkleTree OfTensor(Suite suite, ReadOnlySpan<byte> bytes, ILeafHasher hasher)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        Digest[] leaves = new Digest[LeafRun.Count(bytes.Length)];
        hasher.HashLeaves(suite, bytes, 0, leaves.Length == 1, leaves);
        return new MerkleTree(suite, TreeKind.Tensor, bytes.Length, leaves, hasher);
    }

    /// <summary>The tree of a tensor whose leaves are hashed already, which several threads may have done.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="size">The tensor's bytes.</param>
    /// <param name="leaves">The leaves' digests.</param>
    /// <param name="hasher">Who hashes parents.</param>
    /// <exception cref="ArgumentException">The number of digests is not that of the leaves.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such suite.</exception>
    public static MerkleTree OfTensor(Suite suite, long size, ReadOnlySpan<Digest> leaves, ILeafHasher hasher)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        RequireCount(size, leaves.Length);
        return new MerkleTree(suite, TreeKind.Tensor, size, leaves.ToArray(), hasher);
    }

    /// <summary>The tree of a list of byte strings.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="kind">The kind, other than Tensor.</param>
    /// <param name="leaves">The leaves.</param>
    /// <param name="hasher">Who hashes parents.</param>
    /// <exception cref="ArgumentException">The kind is Tensor, or a leaf is longer than <see cref="Limits.ListLeafBytes"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such suite or kind.</exception>
    public static MerkleTree Of(Suite suite, TreeKind kind, IReadOnlyList<ReadOnlyMemory<byte>> leaves, ILeafHasher hasher)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        return new MerkleTree(suite, kind, leaves.Count, HashLeaves(suite, kind, leaves, hasher), hasher);
    }

    /// <summary>The root of <see cref="OfTensor(Suite, ReadOnlySpan{byte}, ILeafHasher)"/>, holding 1/8192 of the bytes at most.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="bytes">The bytes, row-major and canonical.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such suite.</exception>
    public static Digest TensorRoot(Suite suite, ReadOnlySpan<byte> bytes, ILeafHasher hasher)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        const int batchBytes = Batch * LeafRun.LeafBytes;
        ParentHash hash = Parents(suite, TreeKind.Tensor, hasher);
        Span<Digest> buffer = stackalloc Digest[Batch];
        Digest[] batches = new Digest[(bytes.Length / batchBytes) + (bytes.Length % batchBytes > 0 ? 1 : 0)];
        for (int i = 0; i < batches.Length; i++)
        {
            ReadOnlySpan<byte> batch = bytes[(i * batchBytes)..];
            batch = batch[..Math.Min(batch.Length, batchBytes)];
            Span<Digest> leaves = buffer[..(int)LeafRun.Count(batch.Length)];
            hasher.HashLeaves(suite, batch, (long)i * Batch, bytes.Length <= LeafRun.LeafBytes, leaves);
            batches[i] = TreeShape.Reduce(leaves, top: batches.Length == 1, hash);
        }

        return Bind(suite, TreeKind.Tensor, bytes.Length, batches.Length == 0 ? default : TreeShape.Reduce(batches, top: true, hash));
    }

    /// <summary>The root of <see cref="OfTensor(Suite, long, ReadOnlySpan{Digest}, ILeafHasher)"/>.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="size">The tensor's bytes.</param>
    /// <param name="leaves">The leaves' digests; their memory is used up.</param>
    /// <param name="hasher">Who hashes parents.</param>
    /// <exception cref="ArgumentException">The number of digests is not that of the leaves.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such suite.</exception>
    public static Digest TensorRoot(Suite suite, long size, Span<Digest> leaves, ILeafHasher hasher)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        RequireCount(size, leaves.Length);
        ParentHash hash = Parents(suite, TreeKind.Tensor, hasher);
        return Bind(suite, TreeKind.Tensor, size, leaves.IsEmpty ? default : TreeShape.Reduce(leaves, top: true, hash));
    }

    /// <summary>The root of <see cref="Of"/>.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="kind">The kind, other than Tensor.</param>
    /// <param name="leaves">The leaves.</param>
    /// <param name="hasher">Who hashes parents.</param>
    /// <exception cref="ArgumentException">The kind is Tensor, or a leaf is longer than <see cref="Limits.ListLeafBytes"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such suite or kind.</exception>
    public static Digest RootOf(Suite suite, TreeKind kind, IReadOnlyList<ReadOnlyMemory<byte>> leaves, ILeafHasher hasher)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        Digest[] digests = HashLeaves(suite, kind, leaves, hasher);
        ParentHash hash = Parents(suite, kind, hasher);
        return Bind(suite, kind, digests.Length, digests.Length == 0 ? default : TreeShape.Reduce(digests, top: true, hash));
    }

    /// <summary>Opens leaves: a proof that they stand under <see cref="Root"/>.</summary>
    /// <param name="indices">Strictly ascending, each below <see cref="LeafCount"/>, at least one.</param>
    /// <param name="leaf">Gives the bytes of a leaf, which the tree does not hold.</param>
    /// <exception cref="ArgumentException">The indices are not of that kind.</exception>
    public MultiProof Open(ReadOnlySpan<long> indices, Func<long, ReadOnlyMemory<byte>> leaf)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        ImmutableArray<long> copy = [.. indices];
        if (MultiProof.DefectOf(copy, LeafCount) is not ProofDefect.None and ProofDefect defect)
        {
            throw Error.Indices(defect, LeafCount);
        }

        ImmutableArray<Digest>.Builder siblings = ImmutableArray.CreateBuilder<Digest>();
        foreach ((int level, long index) in TreeShape.Siblings(LeafCount, indices.ToArray()))
        {
            siblings.Add(_levels[level][index]);
        }

        ImmutableArray<ReadOnlyMemory<byte>>.Builder leaves = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(copy.Length);
        foreach (long index in copy)
        {
            leaves.Add(leaf(index));
        }

        return new MultiProof(copy, leaves.MoveToImmutable(), siblings.ToImmutable());
    }

    /// <summary>The root of a tree hash and its size.</summary>
    internal static Digest Bind(Suite suite, TreeKind kind, long size, Digest treeHash)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong) + Digest.Bytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, size);
        treeHash.Span.CopyTo(bytes[sizeof(ulong)..]);
        return PlainHasher.Hash(suite, Tag.Of(kind, TagRole.Root), bytes);
    }

    /// <summary>The hash of parents in one suite and kind.</summary>
    internal static ParentHash Parents(Suite suite, TreeKind kind, ILeafHasher hasher)
        => (children, top, parents) => hasher.HashParents(suite, kind, children, top, parents);

    /// <summary>The digests of a list's leaves, those of one length side by side.</summary>
    internal static Digest[] HashLeaves(Suite suite, TreeKind kind, IReadOnlyList<ReadOnlyMemory<byte>> leaves, ILeafHasher hasher)
    {
        if (kind == TreeKind.Tensor)
        {
            throw Error.TensorLeaves();
        }

        Digest[] digests = new Digest[leaves.Count];
        Dictionary<int, List<int>> waiting = [];
        for (int i = 0; i < digests.Length; i++)
        {
            int length = leaves[i].Length;
            if (length > Limits.ListLeafBytes)
            {
                throw Error.LeafTooLong(i, length);
            }

            if (length > LeafRun.LeafBytes)
            {
                hasher.HashMessages(suite, kind, TagRole.Leaf, leaves[i].Span, digests.AsSpan(i, 1));
                continue;
            }

            List<int> alike = waiting.TryGetValue(length, out List<int>? known) ? known : waiting[length] = [];
            alike.Add(i);
            if (alike.Count == Alike)
            {
                Flush(length, alike);
            }
        }

        foreach ((int length, List<int> alike) in waiting)
        {
            Flush(length, alike);
        }

        return digests;

        void Flush(int length, List<int> alike)
        {
            Span<byte> messages = stackalloc byte[alike.Count * length];
            Span<Digest> hashed = stackalloc Digest[alike.Count];
            for (int i = 0; i < alike.Count; i++)
            {
                leaves[alike[i]].Span.CopyTo(messages[(i * length)..]);
            }

            hasher.HashMessages(suite, kind, TagRole.Leaf, messages, hashed);
            for (int i = 0; i < alike.Count; i++)
            {
                digests[alike[i]] = hashed[i];
            }

            alike.Clear();
        }
    }

    private static void RequireCount(long size, int leaves)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (LeafRun.Count(size) != leaves)
        {
            throw Error.LeafCount(size, leaves, only: false);
        }
    }
}
