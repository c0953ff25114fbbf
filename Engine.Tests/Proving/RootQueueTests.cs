using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Proving;

namespace VerifiableCompute.Engine.Tests.Proving;

/// <summary>Nothing is committed that was not shown, and nothing is shown twice.</summary>
internal sealed class RootQueueTests
{
    private static readonly int[] Sizes = [0, 5, 20_000];

    [Test]
    public void What_was_never_added_has_no_root([Values] Suite suite, [Range(0, 2)] int missing)
    {
        RootQueue roots = new(suite, PlainHasher.Instance, Sizes.Length);
        for (int i = 0; i < Sizes.Length; i++)
        {
            if (i != missing)
            {
                roots.Add(i, new byte[Sizes[i]]);
            }
        }

        Assert.That(roots.Finish, Throws.InvalidOperationException.With.Message.Contains($"tensor {missing} was never added"));
        roots.Add(missing, new byte[Sizes[missing]]);
        Assert.That(roots.Finish(), Is.EqualTo(Sizes.Select(size => MerkleTree.TensorRoot(suite, new byte[size], PlainHasher.Instance))));
    }

    [Test]
    public void What_was_added_before_is_refused([Values] Suite suite, [ValueSource(nameof(Sizes))] int size)
    {
        RootQueue roots = new(suite, PlainHasher.Instance, 1);
        roots.Add(0, new byte[size]);
        Assert.That(() => roots.Add(0, new byte[1]), Throws.InvalidOperationException.With.Message.Contains("added before"));
    }

    [Test]
    public void What_somebody_else_has_hashed_stands_among_the_others([Values] Suite suite, [Range(0, 2)] int other)
    {
        RootQueue roots = new(suite, PlainHasher.Instance, Sizes.Length);
        for (int i = 0; i < Sizes.Length; i++)
        {
            if (i == other)
            {
                roots.Add(i, Sizes[i], MerkleTree.OfTensor(suite, new byte[Sizes[i]], PlainHasher.Instance).TreeHash);
                Assert.That(() => roots.Add(i, Sizes[i], default), Throws.InvalidOperationException.With.Message.Contains("added before"));
            }
            else
            {
                roots.Add(i, new byte[Sizes[i]]);
            }
        }

        Assert.That(roots.Finish(), Is.EqualTo(Sizes.Select(size => MerkleTree.TensorRoot(suite, new byte[size], PlainHasher.Instance))));
    }
}
