using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Hashing;

namespace VerifiableCompute.Engine.Tests.Commitments;

/// <summary>Trees against <see cref="Naive"/>.</summary>
internal sealed class MerkleTreeTests
{
    private static readonly ILeafHasher[] Hashers = [PlainHasher.Instance, new MultiBufferHasher()];
    private static readonly TreeKind[] Lists = [.. Enum.GetValues<TreeKind>().Where(kind => kind != TreeKind.Tensor)];

    private static readonly int[] Sizes =
    [
        .. Enumerable.Range(0, 71).Select(leaves => leaves * 1024),
        .. Enumerable.Range(0, 71).Select(leaves => (leaves * 1024) + 1 + (leaves * 37 % 1023)),
        1, 63, 64, 65, 255, 1023, 256 * 1024, (256 * 1024) + 1, 257 * 1024, (511 * 1024) + 5, 512 * 1024, 513 * 1024, 1100 * 1024,
    ];

    [Test]
    public void Tensor_has_the_root_of_the_definition([Values] Suite suite)
    {
        foreach (int size in Sizes)
        {
            byte[] bytes = Naive.Bytes(size);
            byte[] expected = Naive.TensorRoot(suite, bytes);
            foreach (ILeafHasher hasher in Hashers)
            {
                MerkleTree tree = MerkleTree.OfTensor(suite, bytes, hasher);
                Assert.That(tree.Root.Span.ToArray(), Is.EqualTo(expected), $"{size} bytes");
                Assert.That(MerkleTree.TensorRoot(suite, bytes, hasher), Is.EqualTo(tree.Root), $"{size} bytes, root only");
                Digest[] leaves = new Digest[LeafRun.Count(size)];
                hasher.HashLeaves(suite, bytes, 0, leaves.Length == 1, leaves);
                Assert.That(MerkleTree.OfTensor(suite, size, leaves, hasher).Root, Is.EqualTo(tree.Root), $"{size} bytes, from digests");
                Assert.That(MerkleTree.TensorRoot(suite, size, leaves, hasher), Is.EqualTo(tree.Root), $"{size} bytes, root of digests");
            }
        }
    }

    [Test]
    public void List_has_the_root_of_the_definition([Values] Suite suite, [ValueSource(nameof(Lists))] TreeKind kind)
    {
        for (int count = 0; count <= 70; count++)
        {
            ReadOnlyMemory<byte>[] leaves = Naive.Leaves(count);
            byte[] expected = Naive.Root(suite, kind.ToString().ToLowerInvariant(), leaves);
            foreach (ILeafHasher hasher in Hashers)
            {
                MerkleTree tree = MerkleTree.Of(suite, kind, leaves, hasher);
                Assert.That(tree.Root.Span.ToArray(), Is.EqualTo(expected), $"{count} leaves");
                Assert.That(tree.Size, Is.EqualTo(count));
                Assert.That(MerkleTree.RootOf(suite, kind, leaves, hasher), Is.EqualTo(tree.Root), $"{count} leaves, root only");
            }
        }
    }

    [Test]
    public void No_leaves_are_zeros_and_one_is_itself([Values] Suite suite)
    {
        byte[] leaf = Naive.Bytes(1024);
        Digest[] digest = new Digest[1];
        PlainHasher.Instance.HashLeaves(suite, leaf, 0, only: true, digest);
        Assert.That(MerkleTree.OfTensor(suite, [], PlainHasher.Instance).TreeHash, Is.EqualTo(default(Digest)));
        Assert.That(MerkleTree.OfTensor(suite, leaf, PlainHasher.Instance).TreeHash, Is.EqualTo(digest[0]));
    }

    [Test]
    public void Blake3_tensor_hash_is_derive_key_of_the_bytes()
    {
        byte[] bytes = Naive.Bytes(100_000);
        byte[] expected = new byte[32];
        Blake3.DeriveKey(Blake3.ContextKey("VerifiableCompute/1 tensor tree"), bytes, expected);
        Assert.That(MerkleTree.OfTensor(Suite.Blake3, bytes, PlainHasher.Instance).TreeHash.Span.ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public void Roots_differ_by_suite_kind_and_size()
    {
        // The same bytes in every list; a list of one, two and three equal leaves; a tensor of the same bytes.
        byte[] leaf = new byte[1024];
        List<Digest> roots = [];
        foreach (Suite suite in Enum.GetValues<Suite>())
        {
            for (int count = 0; count <= 3; count++)
            {
                roots.Add(MerkleTree.TensorRoot(suite, new byte[1024 * count], PlainHasher.Instance));
                ReadOnlyMemory<byte>[] leaves = [.. Enumerable.Repeat((ReadOnlyMemory<byte>)leaf, count)];
                roots.AddRange(Lists.Select(kind => MerkleTree.RootOf(suite, kind, leaves, PlainHasher.Instance)));
            }
        }

        Assert.That(roots, Is.Unique);
    }

    [Test]
    public void Every_tag_has_a_name_of_its_own()
    {
        string[] names =
            [.. Enum.GetValues<TreeKind>().SelectMany(kind => Enum.GetValues<TagRole>().Select(role => Tag.Of(kind, role).Name))];
        Assert.That(names, Is.Unique);
        Assert.That(names, Has.Length.EqualTo(24).And.Contain("VerifiableCompute/1 tensor leaf").And.Contain("VerifiableCompute/1 outputs root"));
        Assert.That(() => Tag.Of(0, TagRole.Leaf), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => Tag.Of((TreeKind)7, TagRole.Leaf), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => Tag.Of(TreeKind.Graph, (TagRole)4), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void Mistakes_of_callers_are_told()
    {
        PlainHasher hasher = PlainHasher.Instance;
        Assert.That(() => MerkleTree.OfTensor((Suite)3, new byte[5], hasher), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => MerkleTree.Of(Suite.Sha256, TreeKind.Tensor, [], hasher), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => MerkleTree.OfTensor(Suite.Sha256, 1025, new Digest[1], hasher), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => MerkleTree.TensorRoot(Suite.Sha256, -1, new Digest[1].AsSpan(), hasher), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => new Digest(new byte[31]), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => hasher.HashLeaves(Suite.Sha256, new byte[1025], 0, false, new Digest[1]), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => hasher.HashLeaves(Suite.Sha256, new byte[9], 1, true, new Digest[1]), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => hasher.HashLeaves(Suite.Sha256, new byte[9], -1, false, new Digest[1]), Throws.InstanceOf<ArgumentException>());
        Assert.That(
            () => hasher.HashParents(Suite.Sha256, TreeKind.Graph, new Digest[3], false, new Digest[1]), Throws.InstanceOf<ArgumentException>());
        Assert.That(
            () => hasher.HashParents(Suite.Blake3, TreeKind.Graph, new Digest[4], true, new Digest[1]), Throws.InstanceOf<ArgumentException>());
    }
}
