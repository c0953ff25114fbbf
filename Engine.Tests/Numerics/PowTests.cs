using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>x^y: special cases, exact cases, hard pairs, every width, constant exponents.</summary>
internal sealed class PowTests
{
    private const float Inf = float.PositiveInfinity;

    private static readonly float[] Values =
    [
        0f, 1f, 2f, 3f, 0.5f, 1.5f, 0.99999994f, 1.0000001f, 1e-45f, 1.17549435e-38f, 3.4028235e38f, 16777215f,
        16777216f, 33554432f, 0.1f, 0.25f, 7f, 255f, 150f, 149f, Inf,
    ];

    [TestCase(-1f, Inf, 1f)]
    [TestCase(-1f, -Inf, 1f)]
    [TestCase(-0f, 3f, -0f)]
    [TestCase(-0f, 2f, 0f)]
    [TestCase(-0f, -3f, -Inf)]
    [TestCase(-0f, -2f, Inf)]
    [TestCase(-0f, 0.5f, 0f)]
    [TestCase(-0f, -0.5f, Inf)]
    [TestCase(-0f, Inf, 0f)]
    [TestCase(-0f, -Inf, Inf)]
    [TestCase(0.5f, Inf, 0f)]
    [TestCase(0.5f, -Inf, Inf)]
    [TestCase(-2f, Inf, Inf)]
    [TestCase(-2f, -Inf, 0f)]
    [TestCase(-Inf, 3f, -Inf)]
    [TestCase(-Inf, 2f, Inf)]
    [TestCase(-Inf, 0.5f, Inf)]
    [TestCase(-Inf, -3f, -0f)]
    [TestCase(-Inf, -0.5f, 0f)]
    [TestCase(-8f, 3f, -512f)]
    [TestCase(-1f, 16777216f, 1f)]
    [TestCase(-1f, 16777215f, -1f)]
    [TestCase(-1.0000001f, 3e38f, Inf)]
    [TestCase(4097f, 2f, 16785409f)]
    [TestCase(81f, 0.25f, 3f)]
    [TestCase(16f, -0.75f, 0.125f)]
    [TestCase(2f, -149f, 1e-45f)]
    [TestCase(2f, -150f, 0f)]
    public void Special_and_exact_cases(float x, float y, float expected)
    {
        uint bits = Vectors.Bits(expected);
        Assert.That(Vectors.Bits(Functions.Pow(x, y)), Is.EqualTo(bits));
        Assert.That(Vectors.Bits(Functions.PowExactly(x, y)), Is.EqualTo(bits));
        Assert.That(Vectors.Bits(Real.ToF32(Functions.Pow((double)x, y))), Is.EqualTo(bits));
    }

    [Test]
    public void A_nan_gives_the_one_nan_but_for_exponent_0_and_base_1()
    {
        foreach (uint bits in new uint[] { 0x7F800001, 0x7FC00000, 0xFFC12345, 0xFFFFFFFF })
        {
            float nan = Vectors.Float(bits);
            Assert.That(Functions.Pow(nan, 0f), Is.EqualTo(1f));
            Assert.That(Functions.Pow(nan, -0f), Is.EqualTo(1f));
            Assert.That(Functions.Pow(1f, nan), Is.EqualTo(1f));
            Assert.That(Vectors.Bits(Functions.Pow(nan, 2f)), Is.EqualTo(Real.NaNF32Bits));
            Assert.That(Vectors.Bits(Functions.Pow(2f, nan)), Is.EqualTo(Real.NaNF32Bits));
            Assert.That(Vectors.Bits(Functions.Pow(-2f, 0.5f)), Is.EqualTo(Real.NaNF32Bits));
        }
    }

    [Test]
    public void Hundred_thousand_hard_pairs_agree_with_integers() => Check(100_000, FunctionKernels.BestWidth);

    [Test]
    public void A_large_exponent_leaves_the_reduced_one_small()
    {
        // Found by 10^7 pairs: the low part of y log x was not small, and 2^r ran outside its polynomial.
        float[] x = [.. Enumerable.Repeat(Vectors.Float(0x3F456347), 8)];
        float[] z = new float[8];
        foreach (int width in Vectors.Widths)
        {
            FunctionKernels.Pow(x, Vectors.Float(0x43A7F348), z, width);
            Assert.That(z.Select(Vectors.Bits), Is.All.EqualTo(0x007FFFB3));
        }

        Assert.That(Vectors.Bits(Functions.Pow(x[0], Vectors.Float(0x43A7F348))), Is.EqualTo(0x007FFFB3));
    }

    [Test]
    public void Enclosures_are_well_within_their_bound()
    {
        double worst = 0;
        string at = string.Empty;
        for (int n = 0; n < 3000; n++)
        {
            float x = Math.Abs(Vectors.AnyFloat(8, n));
            double exponent = ((Vectors.Random(9, n) >> 11) / 9007199254740992.0 * 275) - 148;
            float y = (float)(exponent / Math.Log2(x));
            if (!float.IsNormal(x) || !float.IsFinite(y) || x == 1 || y == 0)
            {
                continue;
            }

            FastPower.Enclose(new OneDouble(x), new OneDouble(y), out OneDouble low, out OneDouble high);
            double exact = Functions.Pow((double)x, y);
            double middle = (low.Value / 2) + (high.Value / 2);
            double error = Math.Abs((middle - exact) / exact);
            (worst, at) = error > worst ? (error, $"{x:R}^{y:R}") : (worst, at);
        }

        Assert.That(worst * 4 * (1L << 46), Is.LessThan(1), at);
    }

    [TestCase(1)]
    [TestCase(128)]
    [TestCase(256)]
    [TestCase(512)]
    public void Hard_pairs_agree_at_every_width(int width) => Check(12_000, width);

    [Test]
    public void Constant_exponents_agree_with_the_definition(
        [Values(0f, -0f, 1f, 2f, -1f, 0.5f, -0.5f, 3f, 0.3f)] float y,
        [ValueSource(typeof(Vectors), nameof(Vectors.Widths))] int width)
    {
        float[] x = [.. Vectors.Corners.Concat(Vectors.Corners.Select(bits => bits | 0x80000000)).Select(Vectors.Float)
            .Concat(Enumerable.Range(0, 3000).Select(n => Vectors.AnyFloat(5, n)))];
        float[] z = new float[x.Length];
        FunctionKernels.Pow(x, y, z, width);

        Assert.That(z.Select(Vectors.Bits), Is.EqualTo(x.Select(value => Vectors.Bits(Functions.Pow(value, y)))));
    }

    [Test]
    public void Lengths_and_places_do_not_matter([ValueSource(typeof(Vectors), nameof(Vectors.Widths))] int width)
    {
        for (int length = 0; length <= 67; length++)
        {
            float[] x = [.. Enumerable.Range(0, length).Select(n => Vectors.AnyFloat(6, n))];
            float[] y = [.. Enumerable.Range(0, length).Select(n => Values[n % Values.Length])];
            uint[] expected = [.. x.Zip(y, Functions.Pow).Select(Vectors.Bits)];
            FunctionKernels.Pow(x, y, x, width);

            Assert.That(x.Select(Vectors.Bits), Is.EqualTo(expected));
        }
    }

    [Test]
    public void All_pairs_of_corners_agree_with_integers()
    {
        float[] signed = [.. Values, .. Values.Select(value => -value), Real.NaNF32];
        IEnumerable<string> wrong = from x in signed
                                    from y in signed
                                    where Vectors.Bits(Functions.Pow(x, y)) != Vectors.Bits(Functions.PowExactly(x, y))
                                    select $"{x:R}^{y:R}";

        Assert.That(wrong, Is.Empty);
    }

    private static void Check(long pairs, int width)
    {
        PowResult result = Exhaustive.Pow(pairs, 1, width, 2, null, CancellationToken.None);

        Assert.That(result.Pairs, Is.GreaterThanOrEqualTo(pairs));
        Assert.That(result.Mismatches, Is.Zero, result.First);
    }
}
