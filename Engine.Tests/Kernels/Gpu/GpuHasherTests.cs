using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Tests.Commitments;
using VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>The device's trees are those of <see cref="PlainHasher"/>.</summary>
[Category("gpu")]
internal sealed class GpuHasherTests
{
    private const int Leaf = LeafRun.LeafBytes;

    // Every place in a block where a message may end; whole leaves and not.
    private static readonly int[] Short =
    [
        .. Enumerable.Range(0, 193), 512, 959, 960, 961, 1015, 1016, 1017, 1022, 1023, 1024, 1025, 2047, 2048, (3 * Leaf) + 5, 5 * Leaf, 17 * Leaf,
    ];

    // Trees of every form within a work-group, of several, and of several levels of them.
    private static readonly int[] Wide =
    [
        .. Enumerable.Range(3, 15).Select(leaves => leaves * Leaf), 64 * Leaf, (127 * Leaf) + 56, 128 * Leaf, 129 * Leaf, 255 * Leaf, 256 * Leaf,
        (256 * Leaf) + 1, 257 * Leaf, (511 * Leaf) + 55, 513 * Leaf, (1 << 20) + 1,
    ];

    [Test]
    public void Short_tensors_hash_as_the_definition_says([Values] Suite suite) => Check(GpuTest.OpenCl(), suite, Short);

    [Test]
    public void Wide_trees_hash_as_the_definition_says([Values] Suite suite) => Check(GpuTest.OpenCl(), suite, Wide);

    [Test]
    public void The_PTX_hashes_as_the_definition_says([Values] Suite suite)
        => Check(new InterpretedDevice(text => KernelTexts.Ptx(text)!), suite, [.. Short, 127 * Leaf, (257 * Leaf) + 9]);

    [Test, Category("slow")]
    public void A_tree_of_three_launches_is_the_definitions([Values] Suite suite)
    {
        const int size = (65_536 + 300) * Leaf;
        byte[] bytes = Naive.Bytes(size);
        using IGpuDevice device = GpuTest.OpenCl();
        GpuHasher hasher = new(device);
        using GpuBuffer buffer = device.Allocate(size);
        device.Write(buffer, 0, bytes);
        hasher.Begin(suite, buffer, size);
        Digest[] hash = new Digest[1];
        hasher.Finish(hash);
        Assert.That(MerkleTree.Bind(suite, TreeKind.Tensor, size, hash[0]), Is.EqualTo(MerkleTree.TensorRoot(suite, bytes, PlainHasher.Instance)));
    }

    [Test]
    public void What_was_begun_comes_in_its_order_however_much_it_is()
    {
        const int count = 2500;
        using IGpuDevice device = GpuTest.OpenCl();
        GpuHasher hasher = new(device);
        using GpuBuffer buffer = device.Allocate(8);
        List<Digest> expected = [];
        for (int i = 0; i < count; i++)
        {
            Suite suite = i % 3 == 0 ? Suite.Sha256 : Suite.Blake3;
            byte[] bytes = Naive.Bytes(i % 9, i);
            Digest hash = MerkleTree.OfTensor(suite, bytes, PlainHasher.Instance).TreeHash;
            if (i % 50 == 7)
            {
                hasher.Begin(hash);
            }
            else
            {
                device.Write(buffer, 0, bytes);
                hasher.Begin(suite, buffer, bytes.Length);
            }

            expected.Add(hash);
        }

        Digest[] hashes = new Digest[count];
        hasher.Finish(hashes);
        Assert.That(hashes, Is.EqualTo(expected));
        hasher.Finish([]);
    }

    [Test]
    public void Nothing_is_held_when_it_is_over()
    {
        using IGpuDevice device = GpuTest.OpenCl();
        using GpuBuffer buffer = device.Allocate(5000);
        device.Write(buffer, 0, new byte[5000]);
        long before = device.HeldBytes;
        GpuHasher hasher = new(device);
        hasher.Begin(Suite.Sha256, buffer, 5000);
        Assert.That(device.HeldBytes, Is.GreaterThan(before));
        hasher.End();
        Assert.That(device.HeldBytes, Is.EqualTo(before));
        Digest[] hash = new Digest[1];
        hasher.Begin(Suite.Blake3, buffer, 5000);
        hasher.Finish(hash);
        Assert.That(hash[0], Is.EqualTo(MerkleTree.OfTensor(Suite.Blake3, new byte[5000], PlainHasher.Instance).TreeHash), "it may be used again");
    }

    [Test]
    public void A_device_without_room_begins_nothing()
    {
        using IGpuDevice device = GpuTest.OpenCl(300_000);
        GpuHasher hasher = new(device);
        using GpuBuffer small = device.Allocate(10);
        using GpuBuffer large = device.Allocate(250_000);
        device.Write(small, 0, new byte[10]);
        hasher.Begin(Suite.Sha256, small, 10);
        Assert.That(() => hasher.Begin(Suite.Sha256, large, 250_000), Throws.InstanceOf<GpuMemoryException>());
        Digest[] hash = new Digest[1];
        hasher.Finish(hash);
        Assert.That(hash[0], Is.EqualTo(MerkleTree.OfTensor(Suite.Sha256, new byte[10], PlainHasher.Instance).TreeHash));
    }

    [Test]
    public void Room_that_is_missing_when_it_is_written_is_asked_for_again([Values] Suite suite)
    {
        using CountedDevice device = new(GpuTest.OpenCl());
        GpuHasher hasher = new(device);
        using GpuBuffer buffer = device.Filled(new byte[5000]);
        long before = device.HeldBytes;
        device.RefusesWrites = true;
        Assert.That(() => hasher.Begin(suite, buffer, 5000), Throws.InstanceOf<GpuMemoryException>());
        Assert.That(device.HeldBytes, Is.EqualTo(before));
        device.RefusesWrites = false;
        hasher.Begin(suite, buffer, 5000);
        Digest[] hash = new Digest[1];
        hasher.Finish(hash);
        Assert.That(hash[0], Is.EqualTo(MerkleTree.OfTensor(suite, new byte[5000], PlainHasher.Instance).TreeHash));
    }

    private static void Check(IGpuDevice opened, Suite suite, int[] sizes)
    {
        using IGpuDevice device = opened;
        GpuHasher hasher = new(device);
        foreach (int size in sizes)
        {
            using GpuBuffer buffer = device.Allocate(size);
            device.Write(buffer, 0, Naive.Bytes(size, size + 1));
            hasher.Begin(suite, buffer, size);
            device.Write(buffer, 0, new byte[size]);
        }

        Digest[] hashes = new Digest[sizes.Length];
        hasher.Finish(hashes);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < hashes.Length; i++)
            {
                byte[] bytes = Naive.Bytes(sizes[i], sizes[i] + 1);
                Assert.That(hashes[i], Is.EqualTo(MerkleTree.OfTensor(suite, bytes, PlainHasher.Instance).TreeHash), $"{sizes[i]} bytes");
            }
        });
    }
}
