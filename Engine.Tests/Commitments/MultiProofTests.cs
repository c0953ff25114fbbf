using System.Collections.Immutable;

using FsCheck;
using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Hashing;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Commitments;

/// <summary>Proofs: good ones hold, and whatever is changed in one, it does not.</summary>
internal sealed class MultiProofTests
{
    private static readonly MultiBufferHasher Fast = new();

    [Test]
    public void Every_set_of_a_small_tree_opens([Values] Suite suite, [Values(TreeKind.Tensor, TreeKind.Trace)] TreeKind kind)
    {
        for (int count = 1; count <= 7; count++)
        {
            (MerkleTree tree, Func<long, ReadOnlyMemory<byte>> leaf) = Make(suite, kind, count);
            for (int set = 1; set < 1 << count; set++)
            {
                ImmutableArray<long> indices = [.. Enumerable.Range(0, count).Where(i => ((set >> i) & 1) != 0).Select(i => (long)i)];
                MultiProof proof = tree.Open(indices.AsSpan(), leaf);
                Holds(tree, proof);
                Assert.That(proof.Siblings, Has.Length.EqualTo(MultiProof.CountSiblings(count, indices)));
                Assert.That(proof.Siblings, Has.Length.EqualTo(Outside(count, [.. indices])), "siblings are the largest subtrees without a leaf");
            }
        }
    }

    [Test]
    public void Random_sets_of_random_trees_open()
        => Prop.ForAll(
            Gen.Choose(1, 600).SelectMany(count => Gen.Choose(1, count).SelectMany(k => Gen.Choose(0, count - 1).ListOf(k), (k, picks) => (count, picks)))
                .ToArbitrary(),
            drawn =>
            {
                (int count, IEnumerable<int> picks) = drawn;
                long[] indices = [.. picks.Distinct().Order().Select(i => (long)i)];
                foreach (Suite suite in Enum.GetValues<Suite>())
                {
                    foreach (TreeKind kind in (TreeKind[])[TreeKind.Tensor, TreeKind.Graph])
                    {
                        (MerkleTree tree, Func<long, ReadOnlyMemory<byte>> leaf) = Make(suite, kind, count);
                        MultiProof proof = tree.Open(indices, leaf);
                        Holds(tree, proof);
                        Fails(tree, With(proof, leaves: Spoiled(proof.Leaves, indices.Length / 2)), ProofDefect.WrongRoot);
                    }
                }
            }).QuickCheckThrowOnFailure();

    [Test]
    public void Every_wrong_index_and_size_of_small_trees_fails([Values] Suite suite, [Values] TreeKind kind)
    {
        for (int size = 0; size <= 3; size++)
        {
            (MerkleTree tree, Func<long, ReadOnlyMemory<byte>> leaf) = Make(suite, kind, size);
            for (int index = 0; index < size; index++)
            {
                MultiProof proof = tree.Open([index], leaf);
                Holds(tree, proof);
                for (long claimed = -1; claimed <= 5; claimed++)
                {
                    for (long claimedSize = -1; claimedSize <= 5; claimedSize++)
                    {
                        if (claimed == index && claimedSize == size)
                        {
                            continue;
                        }

                        long bytes = kind == TreeKind.Tensor ? (claimedSize * 1024) - (tree.LeafCount * 1024) + tree.Size : claimedSize;
                        MultiProof moved = With(proof, indices: [claimed]);
                        bool holds = moved.TryVerify(suite, kind, bytes, tree.Root, Fast, out ProofDefect defect);
                        Assert.That(holds, Is.False, $"({index}, {size}) as ({claimed}, {claimedSize})");
                        Assert.That(defect, Is.Not.EqualTo(ProofDefect.None));
                    }
                }
            }

            foreach (long index in (long[])[-1, size, size + 1, long.MaxValue, long.MinValue])
            {
                MultiProof none = new([index], [default], []);
                Fails(tree, none, index < 0 ? ProofDefect.Unordered : ProofDefect.BeyondSize);
                Assert.That(() => tree.Open([index], leaf), Throws.InstanceOf<ArgumentException>());
            }
        }
    }

    [Test]
    public void A_tensor_of_other_length_fails([Values] Suite suite)
    {
        (MerkleTree tree, Func<long, ReadOnlyMemory<byte>> leaf) = Make(suite, TreeKind.Tensor, 3);
        for (long index = 0; index < 3; index++)
        {
            MultiProof proof = tree.Open([index], leaf);
            for (long size = 0; size <= 5 * 1024; size++)
            {
                Assert.That(proof.TryVerify(suite, TreeKind.Tensor, size, tree.Root, Fast, out _), Is.EqualTo(size == tree.Size), $"{size} bytes");
            }
        }
    }

    [Test]
    public void Siblings_duplicated_dropped_swapped_or_changed_fail([Values] Suite suite, [Values(TreeKind.Tensor, TreeKind.Outputs)] TreeKind kind)
    {
        (MerkleTree tree, Func<long, ReadOnlyMemory<byte>> leaf) = Make(suite, kind, 21);
        MultiProof proof = tree.Open([1, 2, 7, 13, 20], leaf);
        ImmutableArray<Digest> siblings = proof.Siblings;
        Assert.That(siblings, Has.Length.GreaterThan(5));
        for (int i = 0; i < siblings.Length; i++)
        {
            Fails(tree, With(proof, siblings: siblings.Insert(i, siblings[i])), ProofDefect.SiblingCount);
            Fails(tree, With(proof, siblings: siblings.RemoveAt(i)), ProofDefect.SiblingCount);
            Fails(tree, With(proof, siblings: siblings.Insert(i, default)), ProofDefect.SiblingCount);
            for (int j = 0; j < i; j++)
            {
                Fails(tree, With(proof, siblings: siblings.SetItem(i, siblings[j]).SetItem(j, siblings[i])), ProofDefect.WrongRoot);
                Fails(tree, With(proof, siblings: siblings.SetItem(i, siblings[j])), ProofDefect.WrongRoot);
            }

            byte[] changed = siblings[i].Span.ToArray();
            changed[i] ^= 1;
            Fails(tree, With(proof, siblings: siblings.SetItem(i, new Digest(changed))), ProofDefect.WrongRoot);
        }

        Fails(tree, With(proof, siblings: siblings.Add(siblings[^1])), ProofDefect.SiblingCount);
        Fails(tree, With(proof, siblings: []), ProofDefect.SiblingCount);
    }

    [Test]
    public void Leaves_changed_moved_or_of_other_length_fail([Values] Suite suite, [Values(TreeKind.Tensor, TreeKind.Inputs)] TreeKind kind)
    {
        (MerkleTree tree, Func<long, ReadOnlyMemory<byte>> leaf) = Make(suite, kind, 21);
        MultiProof proof = tree.Open([1, 2, 7, 13, 20], leaf);
        ImmutableArray<ReadOnlyMemory<byte>> leaves = proof.Leaves;
        ProofDefect length = kind == TreeKind.Tensor ? ProofDefect.LeafLength : ProofDefect.WrongRoot;
        for (int i = 0; i < leaves.Length; i++)
        {
            byte[] bytes = leaves[i].ToArray();
            Fails(tree, With(proof, leaves: Spoiled(leaves, i)), ProofDefect.WrongRoot);
            Fails(tree, With(proof, leaves: leaves.SetItem(i, (byte[])[.. bytes, 0])), length);
            Fails(tree, With(proof, leaves: leaves.SetItem(i, bytes.AsMemory(0, bytes.Length - 1))), length);
            Fails(tree, With(proof, leaves: leaves.SetItem(i, default)), length);
            Fails(tree, With(proof, leaves: leaves.RemoveAt(i)), ProofDefect.LeafCount);
            Fails(tree, With(proof, leaves: leaves.Insert(i, leaves[i])), ProofDefect.LeafCount);
        }

        Fails(tree, With(proof, leaves: leaves.SetItem(0, leaves[1]).SetItem(1, leaves[0])), ProofDefect.WrongRoot);
        Fails(tree, With(proof, indices: [1, 2, 7, 12, 20]), ProofDefect.WrongRoot);
    }

    [Test]
    public void Indices_empty_unordered_repeated_or_many_fail()
    {
        (MerkleTree tree, Func<long, ReadOnlyMemory<byte>> leaf) = Make(Suite.Sha256, TreeKind.Graph, 9);
        MultiProof proof = tree.Open([1, 2, 7], leaf);
        Fails(tree, new MultiProof(default, default, default), ProofDefect.Empty);
        Fails(tree, With(proof, indices: []), ProofDefect.Empty);
        Fails(tree, With(proof, indices: [2, 1, 7]), ProofDefect.Unordered);
        Fails(tree, With(proof, indices: [1, 1, 7]), ProofDefect.Unordered);
        Fails(tree, With(proof, indices: [1, 2, 2]), ProofDefect.Unordered);
        Fails(tree, With(proof, indices: [-1, 2, 7]), ProofDefect.Unordered);
        Fails(tree, With(proof, indices: [1, 2, 9]), ProofDefect.BeyondSize);
        Fails(tree, With(proof, indices: [1, 2]), ProofDefect.LeafCount);
        Fails(tree, With(proof, indices: [.. Enumerable.Range(0, Limits.OpenedLeaves + 1).Select(i => (long)i)]), ProofDefect.TooManyIndices);
        Assert.That(() => MultiProof.CountSiblings(9, [2, 1]), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => MultiProof.CountSiblings(9, default), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void Another_tree_than_the_claimed_fails()
    {
        (MerkleTree tree, Func<long, ReadOnlyMemory<byte>> leaf) = Make(Suite.Blake3, TreeKind.Graph, 9);
        MultiProof proof = tree.Open([1, 2, 7], leaf);
        foreach ((Suite suite, TreeKind kind, ProofDefect expected) in (ReadOnlySpan<(Suite, TreeKind, ProofDefect)>)[
            (Suite.Sha256, TreeKind.Graph, ProofDefect.WrongRoot),
            (Suite.Blake3, TreeKind.Trace, ProofDefect.WrongRoot),
            (Suite.Blake3, TreeKind.Tensor, ProofDefect.BeyondSize),
            (0, TreeKind.Graph, ProofDefect.UnknownTree),
            ((Suite)3, TreeKind.Graph, ProofDefect.UnknownTree),
            (Suite.Blake3, 0, ProofDefect.UnknownTree),
            (Suite.Blake3, (TreeKind)7, ProofDefect.UnknownTree)])
        {
            Assert.That(proof.TryVerify(suite, kind, tree.Size, tree.Root, Fast, out ProofDefect defect), Is.False);
            Assert.That(defect, Is.EqualTo(expected));
        }
    }

    [Test]
    public void Huge_trees_cost_no_more_than_their_proof([Values] Suite suite, [Values] TreeKind kind)
    {
        long count = kind == TreeKind.Tensor ? LeafRun.Count(long.MaxValue) : long.MaxValue;
        long siblings = MultiProof.CountSiblings(count, [0, count - 1]);
        MultiProof proof = new(
            [0, count - 1],
            [new byte[kind == TreeKind.Tensor ? 1024 : 0], new byte[kind == TreeKind.Tensor ? 1023 : 0]],
            [.. new Digest[siblings]]);
        Assert.That(proof.TryVerify(suite, kind, long.MaxValue, default, Fast, out ProofDefect defect), Is.False);
        Assert.That(defect, Is.EqualTo(ProofDefect.WrongRoot));
    }

    [Test]
    public void Nothing_throws_whatever_the_proof()
        => Prop.ForAll(
            ArbMap.Default.ArbFor<(long[] Indices, byte[][] Leaves, int Siblings, long Size)>(),
            ArbMap.Default.ArbFor<(int Suite, int Kind)>(),
            (drawn, tree) =>
            {
                MultiProof proof = new(
                    [.. drawn.Indices ?? []],
                    [.. (drawn.Leaves ?? []).Select(leaf => (ReadOnlyMemory<byte>)leaf)],
                    [.. new Digest[Math.Abs((long)drawn.Siblings) % 50]]);
                proof.TryVerify((Suite)(tree.Suite % 4), (TreeKind)(tree.Kind % 9), drawn.Size, default, Fast, out ProofDefect defect);
                return defect != ProofDefect.None;
            }).QuickCheckThrowOnFailure();

    private static void Holds(MerkleTree tree, MultiProof proof)
    {
        foreach (ILeafHasher hasher in (ILeafHasher[])[PlainHasher.Instance, Fast])
        {
            bool holds = proof.TryVerify(tree.Suite, tree.Kind, tree.Size, tree.Root, hasher, out ProofDefect defect);
            Assert.That(defect, Is.EqualTo(ProofDefect.None));
            Assert.That(holds, Is.True);
        }
    }

    private static void Fails(MerkleTree tree, MultiProof proof, ProofDefect expected)
    {
        bool holds = proof.TryVerify(tree.Suite, tree.Kind, tree.Size, tree.Root, Fast, out ProofDefect defect);
        Assert.That(defect, Is.EqualTo(expected));
        Assert.That(holds, Is.False);
    }

    // The number of largest subtrees of RFC 6962 that hold none of the leaves, if some leaf is outside them.
    private static int Outside(int count, HashSet<long> indices, int start = 0)
    {
        if (!Enumerable.Range(start, count).Any(i => indices.Contains(i)))
        {
            return 1;
        }

        int left = 1;
        while (2 * left < count)
        {
            left *= 2;
        }

        return count == 1 ? 0 : Outside(left, indices, start) + Outside(count - left, indices, start + left);
    }

    private static (MerkleTree Tree, Func<long, ReadOnlyMemory<byte>> Leaf) Make(Suite suite, TreeKind kind, int count)
    {
        if (kind != TreeKind.Tensor)
        {
            ReadOnlyMemory<byte>[] leaves = [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)Naive.Bytes(1 + (i % 90), i))];
            return (MerkleTree.Of(suite, kind, leaves, Fast), index => leaves[index]);
        }

        byte[] bytes = Naive.Bytes(Math.Max(0, (count * 1024) - 100));
        return (MerkleTree.OfTensor(suite, bytes, Fast), index => Naive.Cut(bytes)[index]);
    }

    private static ImmutableArray<ReadOnlyMemory<byte>> Spoiled(ImmutableArray<ReadOnlyMemory<byte>> leaves, int index)
    {
        byte[] bytes = leaves[index].ToArray();
        bytes[bytes.Length / 2] ^= 4;
        return leaves.SetItem(index, bytes);
    }

    private static MultiProof With(
        MultiProof proof, ImmutableArray<long>? indices = null, ImmutableArray<ReadOnlyMemory<byte>>? leaves = null, ImmutableArray<Digest>? siblings = null)
        => new(indices ?? proof.Indices, leaves ?? proof.Leaves, siblings ?? proof.Siblings);
}
