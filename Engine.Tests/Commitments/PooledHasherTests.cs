using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;

namespace VerifiableCompute.Engine.Tests.Commitments;

/// <summary>How leaves are shared among workers cannot be seen.</summary>
internal sealed class PooledHasherTests
{
    [Test]
    public void Digests_are_the_definition_s([Values] Suite suite, [Values(1, 2, 3)] int threads)
    {
        using CpuBackend backend = new(threads);
        Adversarial random = new(5);
        byte[] bytes = [.. Enumerable.Range(0, (300 * 1024) + 17).Select(_ => (byte)random.Below(256))];
        foreach (int length in new[] { 1, 1024, 64 * 1024, (64 * 1024) + 1, (128 * 1024) - 3, bytes.Length })
        {
            foreach (long first in length > 1024 ? new long[] { 0, 1, 7 } : [0])
            {
                Digest[] expected = new Digest[LeafRun.Count(length)];
                Digest[] shared = new Digest[expected.Length];
                bool only = expected.Length == 1;
                PlainHasher.Instance.HashLeaves(suite, bytes.AsSpan(0, length), first, only, expected);
                backend.Hasher.HashLeaves(suite, bytes.AsSpan(0, length), first, only, shared);
                Assert.That(shared, Is.EqualTo(expected), $"{length} bytes from leaf {first}");
            }
        }
    }
}
