using NUnit.Framework;

using VerifiableCompute.Engine.Verify.Checking;

namespace VerifiableCompute.Engine.Tests.Verify;

/// <summary>What checks keep is bounded, whatever they compute.</summary>
internal sealed class KnownElementsTests
{
    [Test]
    public void No_more_than_the_most_are_kept()
    {
        KnownElements known = new();
        for (int i = 0; i < KnownElements.Most; i++)
        {
            known.Add(i % 3, i, (ulong)i);
        }

        for (int i = 0; i < KnownElements.Most; i++)
        {
            Assert.That(known.TryGet(i % 3, i, out ulong bits) && bits == (ulong)i, Is.True);
        }

        known.Add(1, long.MaxValue, 7);
        Assert.That(known.Count, Is.EqualTo(1));
        Assert.That(known.TryGet(0, 0, out _), Is.False);
        Assert.That(known.TryGet(1, long.MaxValue, out ulong kept) && kept == 7, Is.True);
    }
}
