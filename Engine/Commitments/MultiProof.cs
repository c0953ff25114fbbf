using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Commitments;

/// <summary>Leaves of one tree and the digests that lead from them to its root. The siblings are exactly those that size and indices
/// imply, level by level from the leaves, left to right; nothing in a proof steers how it is read. It may be of any content:
/// <see cref="TryVerify"/> tells.</summary>
/// <param name="indices">The leaves' indices.</param>
/// <param name="leaves">The leaves' bytes.</param>
/// <param name="siblings">The digests beside the paths.</param>
public sealed class MultiProof(ImmutableArray<long> indices, ImmutableArray<ReadOnlyMemory<byte>> leaves, ImmutableArray<Digest> siblings)
{
    /// <summary>The leaves' indices, strictly ascending.</summary>
    public ImmutableArray<long> Indices { get; } = indices.IsDefault ? [] : indices;

    /// <summary>The leaves' bytes, in the order of the indices.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Leaves { get; } = leaves.IsDefault ? [] : leaves;

    /// <summary>The digests beside the paths.</summary>
    public ImmutableArray<Digest> Siblings { get; } = siblings.IsDefault ? [] : siblings;

    /// <summary>The number of siblings that the size of a tree and indices imply; nothing is hashed.</summary>
    /// <param name="leafCount">The number of leaves of the tree.</param>
    /// <param name="indices">Strictly ascending, each below the number of leaves, at least one.</param>
    /// <exception cref="ArgumentException">The indices are not of that kind.</exception>
    public static long CountSiblings(long leafCount, ImmutableArray<long> indices)
        => DefectOf(indices, leafCount) is not ProofDefect.None and ProofDefect defect
            ? throw Error.Indices(defect, leafCount)
            : TreeShape.Siblings(leafCount, [.. indices]).LongCount();

    /// <summary>Whether the leaves stand at their indices under a root. Never throws, whatever the proof; memory and work are bounded
    /// by the proof's own length.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="kind">The kind of tree.</param>
    /// <param name="size">The number of leaves; for a tensor the number of bytes.</param>
    /// <param name="root">The root that binds suite, kind and size.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <param name="defect">What is wrong.</param>
    public bool TryVerify(Suite suite, TreeKind kind, long size, Digest root, ILeafHasher hasher, out ProofDefect defect)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        defect = Malformation(suite, kind, size);
        if (defect == ProofDefect.None && TreeRoot(suite, kind, size, hasher) != root)
        {
            defect = ProofDefect.WrongRoot;
        }

        return defect == ProofDefect.None;
    }

    /// <summary>What is wrong with the indices.</summary>
    internal static ProofDefect DefectOf(ImmutableArray<long> indices, long leafCount)
    {
        if (indices.IsDefaultOrEmpty)
        {
            return ProofDefect.Empty;
        }

        if (indices.Length > Limits.OpenedLeaves)
        {
            return ProofDefect.TooManyIndices;
        }

        long before = -1;
        foreach (long index in indices)
        {
            if (index <= before)
            {
                return ProofDefect.Unordered;
            }

            before = index;
        }

        return before >= leafCount ? ProofDefect.BeyondSize : ProofDefect.None;
    }

    private static long CountLeaves(TreeKind kind, long size) => kind == TreeKind.Tensor ? LeafRun.Count(size) : size;

    private ProofDefect Malformation(Suite suite, TreeKind kind, long size)
    {
        if (!Enum.IsDefined(suite) || !Enum.IsDefined(kind))
        {
            return ProofDefect.UnknownTree;
        }

        long count = CountLeaves(kind, size);
        ProofDefect defect = DefectOf(Indices, count);
        if (defect != ProofDefect.None)
        {
            return defect;
        }

        if (Leaves.Length != Indices.Length)
        {
            return ProofDefect.LeafCount;
        }

        for (int i = 0; i < Leaves.Length; i++)
        {
            long start = kind == TreeKind.Tensor ? Indices[i] * LeafRun.LeafBytes : 0;
            bool fits = kind == TreeKind.Tensor
                ? Leaves[i].Length == Math.Min(size - start, LeafRun.LeafBytes)
                : Leaves[i].Length <= Limits.ListLeafBytes;
            if (!fits)
            {
                return ProofDefect.LeafLength;
            }
        }

        return CountSiblings(count, Indices) == Siblings.Length ? ProofDefect.None : ProofDefect.SiblingCount;
    }

    private Digest TreeRoot(Suite suite, TreeKind kind, long size, ILeafHasher hasher)
    {
        long count = CountLeaves(kind, size);
        Digest[] digests = new Digest[Leaves.Length];
        for (int i = 0; i < digests.Length; i++)
        {
            if (kind == TreeKind.Tensor)
            {
                hasher.HashLeaves(suite, Leaves[i].Span, Indices[i], count == 1, digests.AsSpan(i, 1));
            }
            else
            {
                digests[i] = PlainHasher.Hash(suite, Tag.Of(kind, TagRole.Leaf), Leaves[i].Span);
            }
        }

        ParentHash hash = MerkleTree.Parents(suite, kind, hasher);
        return MerkleTree.Bind(suite, kind, size, TreeShape.Fold(count, [.. Indices], digests, Siblings.AsSpan(), hash));
    }
}
