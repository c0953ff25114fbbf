using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Hashing;

namespace VerifiableCompute.Engine.Tests.Commitments;

/// <summary>Every width gives the bytes of <see cref="PlainHasher"/>.</summary>
[Category("simd")]
internal sealed class HasherTests
{
    private static readonly int[] Tails = [0, 1, 2, 55, 56, 63, 64, 65, 127, 128, 512, 960, 961, 1022, 1023];
    private static readonly long[] Firsts = [0, 1, 17, uint.MaxValue - 3, 1L << 40];

    [Test]
    public void Leaves_are_those_of_the_definition([Values] SimdLevel level, [Values] Suite suite)
    {
        MultiBufferHasher hasher = new(level);
        for (int count = 0; count <= 40; count++)
        {
            int tail = Tails[count % Tails.Length];
            long first = Firsts[count % Firsts.Length];
            Check(hasher, suite, Naive.Bytes((1024 * count) + tail, count), first, only: false);
        }

        foreach (int tail in Tails)
        {
            Check(hasher, suite, Naive.Bytes((1024 * 9) + tail, tail), 3, only: false);
        }

        foreach (int size in (int[])[1, 64, 1023, 1024])
        {
            Check(hasher, suite, Naive.Bytes(size, size), 0, only: true);
        }
    }

    [Test]
    public void Parents_are_those_of_the_definition([Values] SimdLevel level, [Values] Suite suite, [Values] TreeKind kind)
    {
        MultiBufferHasher hasher = new(level);
        for (int count = 0; count <= 40; count++)
        {
            Digest[] children = [.. Naive.Bytes(64 * count, count).Chunk(32).Select(bytes => new Digest(bytes))];
            foreach (bool top in (bool[])[false, true])
            {
                Digest[] expected = new Digest[count];
                PlainHasher.Instance.HashParents(suite, kind, children, top, expected);
                Digest[] parents = new Digest[count];
                hasher.HashParents(suite, kind, children, top, parents);
                Assert.That(parents, Is.EqualTo(expected), $"{count} parents");
                foreach (ILeafHasher other in (ILeafHasher[])[PlainHasher.Instance, hasher])
                {
                    Digest[] level0 = [.. children];
                    other.HashParents(suite, kind, level0, top, level0.AsSpan(0, count));
                    Assert.That(level0[..count], Is.EqualTo(expected), $"{count} parents in place");
                }
            }
        }
    }

    [Test]
    public void Leaves_of_any_indices_are_those_of_the_definition([Values] SimdLevel level, [Values] Suite suite)
    {
        for (int count = 0; count <= 40; count++)
        {
            byte[] leaves = Naive.Bytes(1024 * count, count);
            long[] indices = [.. Enumerable.Range(0, count).Select(i => Firsts[i % Firsts.Length] + (7 * i))];
            Digest[] expected = new Digest[count];
            PlainHasher.Instance.HashLeaves(suite, leaves, indices, expected);
            Digest[] digests = new Digest[count];
            new MultiBufferHasher(level).HashLeaves(suite, leaves, indices, digests);
            Assert.That(digests, Is.EqualTo(expected), $"{count} leaves");
            for (int i = 0; i < count; i++)
            {
                PlainHasher.Instance.HashLeaves(suite, leaves.AsSpan(1024 * i, 1024), indices[i], only: false, digests.AsSpan(0, 1));
                Assert.That(digests[0], Is.EqualTo(expected[i]));
            }
        }
    }

    [Test]
    public void Messages_are_those_of_the_definition([Values] SimdLevel level, [Values] Suite suite, [Values] TagRole role)
    {
        foreach (int length in Tails.Concat([40, 119, 120, 121, 1024, 1025, 3000]))
        {
            foreach (int count in (int[])[0, 1, 2, 3, 15, 16, 17, 33])
            {
                byte[] messages = Naive.Bytes(length * count, length);
                Digest[] expected = [.. Enumerable.Range(0, count).Select(
                    i => PlainHasher.Hash(suite, Tag.Of(TreeKind.Trace, role), messages.AsSpan(i * length, length)))];
                Digest[] digests = new Digest[count + 2];
                new MultiBufferHasher(level).HashMessages(suite, TreeKind.Trace, role, messages, digests.AsSpan(1, count));
                Assert.That(digests[1..^1], Is.EqualTo(expected), $"{count} of {length} bytes");
                Assert.That(digests[0] == default && digests[^1] == default, "nothing is written beside the digests");
            }
        }
    }

    private static void Check(MultiBufferHasher hasher, Suite suite, byte[] leaves, long first, bool only)
    {
        Digest[] expected = new Digest[LeafRun.Count(leaves.Length)];
        PlainHasher.Instance.HashLeaves(suite, leaves, first, only, expected);
        Digest[] digests = new Digest[expected.Length + 2];
        hasher.HashLeaves(suite, leaves, first, only, digests.AsSpan(1, expected.Length));
        Assert.That(digests[1..^1], Is.EqualTo(expected), $"{leaves.Length} bytes from leaf {first}");
        Assert.That(digests[0] == default && digests[^1] == default, "nothing is written beside the digests");
    }
}
