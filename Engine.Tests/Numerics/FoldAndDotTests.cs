using FsCheck;
using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>The theorems that kernels, masks and caches rely on.</summary>
internal sealed class FoldAndDotTests
{
    private static readonly Gen<float> Finite = Law.Drawn(random => random.Single(Adversarial.Mood.Finite));
    private static readonly Gen<float> Zero = Gen.Elements(0f, -0f);
    private static readonly Gen<float[]> Terms
        = from count in Gen.Elements(0, 1, 31, 32, 33, 4095, 4096, 4097, 9000)
          from terms in Law.Drawn(random => Enumerable.Range(0, count).Select(_ => random.Single(Adversarial.Mood.Finite)).ToArray())
          select terms;

    [Test]
    public void Trailing_zeros_never_change_a_fold() => Law.Holds(
        from terms in Terms
        from more in Gen.Elements(1, 31, 32, 700, 4096, 20000)
        select (terms, more),
        drawn => Bits(Sum([.. drawn.terms, .. new float[drawn.more]])) == Bits(Sum(drawn.terms)),
        times: 300);

    [Test]
    public void A_long_fold_is_the_fold_of_its_blocks() => Law.Holds(
        Terms, terms => Bits(Sum(terms)) == Bits(Sum([.. terms.Chunk(Folds.Block).Select(Sum)])), times: 300);

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
    public void Zero_terms_may_be_skipped_inside_their_block() => Law.Holds(
        from count in Gen.Choose(1, 12)
        from terms in Gen.ArrayOf(Gen.Zip(Finite, Gen.Frequency((1, Zero), (2, Finite))), count)
        from addend in Gen.Frequency((2, Zero), (1, Finite))
        select (terms, addend),
        drawn =>
        {
            float start = Dots.Start(1f, drawn.addend);
            float whole = Chained(start, drawn.terms);
            float skipped = Chained(start, [.. drawn.terms.Where(term => term.Item2 != 0)]);
            return Bits(skipped) == Bits(whole) && Bits(whole) != Bits(-0f);
        },
        times: 20_000);

    private static float Chained(float start, (float, float)[] terms)
        => Dots.Add<float>(start, 1f, [.. terms.Select(term => term.Item1)], [.. terms.Select(term => term.Item2)]);

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    private static float Sum(float[] terms)
        => Folds.Sum<float>(terms.Length, (start, part) => terms.AsSpan((int)start, part.Length).CopyTo(part));
}
