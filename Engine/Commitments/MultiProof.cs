using System;
using System.Collections.Generic;
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
    // So many leaves are hashed side by side.
    private const int SideBySide = 32;

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
        defect = VerifyInTurn(suite, kind, [(this, size, root)], hasher, out ProofDefect found) == 1 ? ProofDefect.None : found;
        return defect == ProofDefect.None;
    }

    /// <summary>Verifies several proofs of one kind in turn, their leaves hashed side by side.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="kind">The kind of trees.</param>
    /// <param name="proofs">The proofs, each with size and root of its tree.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <param name="defect">What is wrong with the first proof that does not hold.</param>
    /// <returns>How many hold before the first that does not.</returns>
    public static int VerifyInTurn(
        Suite suite, TreeKind kind, IReadOnlyList<(MultiProof Proof, long Size, Digest Root)> proofs, ILeafHasher hasher, out ProofDefect defect)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        defect = ProofDefect.None;
        int whole = 0;
        while (whole < proofs.Count && defect == ProofDefect.None)
        {
            defect = proofs[whole].Proof.Malformation(suite, kind, proofs[whole].Size);
            whole += defect == ProofDefect.None ? 1 : 0;
        }

        if (whole == 0)
        {
            return 0;
        }

        Digest[][] digests = kind == TreeKind.Tensor ? HashLeaves(suite, proofs, whole, hasher) : [];
        ParentHash hash = MerkleTree.Parents(suite, kind, hasher);
        for (int i = 0; i < whole; i++)
        {
            (MultiProof proof, long size, Digest root) = proofs[i];
            Digest[] leaves = kind == TreeKind.Tensor ? digests[i] : MerkleTree.HashLeaves(suite, kind, proof.Leaves, hasher);
            Digest tree = TreeShape.Fold(CountLeaves(kind, size), [.. proof.Indices], leaves, proof.Siblings.AsSpan(), hash);
            if (MerkleTree.Bind(suite, kind, size, tree) != root)
            {
                defect = ProofDefect.WrongRoot;
                return i;
            }
        }

        return whole;
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

    // Whole leaves of all the first proofs, some at a time; the others by themselves.
    private static Digest[][] HashLeaves(
        Suite suite, IReadOnlyList<(MultiProof Proof, long Size, Digest Root)> proofs, int count, ILeafHasher hasher)
    {
        Digest[][] digests = new Digest[count][];
        byte[] leaves = new byte[SideBySide * LeafRun.LeafBytes];
        long[] indices = new long[SideBySide];
        (int Proof, int Leaf)[] places = new (int, int)[SideBySide];
        int waiting = 0;
        for (int i = 0; i < count; i++)
        {
            (MultiProof proof, long size, _) = proofs[i];
            digests[i] = new Digest[proof.Leaves.Length];
            for (int j = 0; j < digests[i].Length; j++)
            {
                if (size <= LeafRun.LeafBytes || proof.Leaves[j].Length < LeafRun.LeafBytes)
                {
                    hasher.HashLeaves(suite, proof.Leaves[j].Span, proof.Indices[j], size <= LeafRun.LeafBytes, digests[i].AsSpan(j, 1));
                    continue;
                }

                proof.Leaves[j].Span.CopyTo(leaves.AsSpan(waiting * LeafRun.LeafBytes));
                indices[waiting] = proof.Indices[j];
                places[waiting++] = (i, j);
                if (waiting == SideBySide)
                {
                    Flush();
                }
            }
        }

        Flush();
        return digests;

        void Flush()
        {
            Span<Digest> hashed = stackalloc Digest[SideBySide];
            hasher.HashLeaves(suite, leaves.AsSpan(0, waiting * LeafRun.LeafBytes), indices.AsSpan(0, waiting), hashed[..waiting]);
            for (int i = 0; i < waiting; i++)
            {
                digests[places[i].Proof][places[i].Leaf] = hashed[i];
            }

            waiting = 0;
        }
    }
}
