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
                if (top && count != 1)
                {
                    continue;
                }

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
