using NUnit.Framework;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>The theorems that kernels, masks and caches rely on.</summary>
internal sealed class FoldAndDotTests
{
    [Test]
    public void Trailing_zeros_never_change_a_fold([Values(0, 1, 31, 32, 33, 4095, 4096, 4097, 9000)] int count)
    {
        Adversarial random = new((ulong)count);
        float[] terms = [.. Enumerable.Range(0, count).Select(_ => random.Single(Adversarial.Mood.Finite))];
        uint expected = BitConverter.SingleToUInt32Bits(Sum(terms));
        foreach (int more in (int[])[1, 31, 32, 700, 4096, 20000])
        {
            Assert.That(BitConverter.SingleToUInt32Bits(Sum([.. terms, .. new float[more]])), Is.EqualTo(expected), $"{more} zeros");
        }
    }

    [Test]
    public void A_fold_is_the_written_order()
    {
        float[] terms = [.. Enumerable.Range(0, 70).Select(i => 1f / (i + 1))];
        float[] lanes = new float[32];
        for (int i = 0; i < terms.Length; i++)
        {
            lanes[i % 32] += terms[i];
        }

        foreach (int half in (int[])[16, 8, 4, 2, 1])
        {
            for (int i = 0; i < half; i++)
            {
                lanes[i] += lanes[i + half];
            }
        }

        Assert.That(Sum(terms), Is.EqualTo(lanes[0]));
        Assert.That(Sum([-0f]), Is.EqualTo(0f));
        Assert.That(float.IsNegative(Sum([-0f, -0f])), Is.False, "a fold starts from +0");
    }

    /// <summary>The zero lemma of docs/numerics.md.</summary>
    [Test]
    public void Zero_terms_may_be_skipped_inside_their_block()
    {
        Adversarial random = new(3);
        int negativeZeros = 0;
        for (int trial = 0; trial < 20000; trial++)
        {
            int count = 1 + random.Below(12);
            float[] a = [.. Enumerable.Range(0, count).Select(_ => random.Single(Adversarial.Mood.Finite))];
            float[] b = [.. Enumerable.Range(0, count).Select(_ => random.Below(3) == 0 ? random.Of(0f, -0f) : random.Single(Adversarial.Mood.Finite))];
            float start = Dots.Start(1f, random.Of(0f, -0f, random.Single(Adversarial.Mood.Finite)));
            float whole = Dots.Add<float>(start, 1f, a, b);
            int[] kept = [.. Enumerable.Range(0, count).Where(k => b[k] != 0)];
            float skipped = Dots.Add<float>(start, 1f, [.. kept.Select(k => a[k])], [.. kept.Select(k => b[k])]);
            Assert.That(BitConverter.SingleToUInt32Bits(skipped), Is.EqualTo(BitConverter.SingleToUInt32Bits(whole)), $"trial {trial}");
            negativeZeros += float.IsNegative(whole) && whole == 0 ? 1 : 0;
        }

        Assert.That(negativeZeros, Is.Zero, "a total is never -0");
    }

    private static float Sum(float[] terms)
        => Folds.Sum<float>(terms.Length, (start, part) => terms.AsSpan((int)start, part.Length).CopyTo(part));
}
