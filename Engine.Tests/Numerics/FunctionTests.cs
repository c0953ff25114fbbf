using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>The functions against their own exact path, and every width against the definition.</summary>
internal sealed class FunctionTests
{
    private const ulong Seed = 20260101;

    [Test]
    public void Fast_path_agrees_with_integers_on_random_bits(
        [ValueSource(typeof(Vectors), nameof(Vectors.All))] Function function)
    {
        IEnumerable<float> inputs = Enumerable.Range(0, 20_000)
            .Select(n => Vectors.AnyFloat(Seed + (ulong)function, n));
        IEnumerable<string> wrong = inputs.Concat(Corners())
            .Where(x => Vectors.Bits(Functions.Of(function, x)) != Vectors.Bits(Functions.Exactly(function, x)))
            .Select(x => $"{function}({Vectors.Bits(x):x8})");

        Assert.That(wrong.Take(10), Is.Empty);
    }

    [Test]
    public void Widths_agree_with_the_definition_at_every_length(
        [ValueSource(typeof(Vectors), nameof(Vectors.All))] Function function,
        [ValueSource(typeof(Vectors), nameof(Vectors.Widths))] int width)
    {
        const float Guard = 12345f;
        float[] corners = [.. Corners()];
        for (int length = 0; length <= 67; length++)
        {
            float[] x = [.. Enumerable.Range(0, length).Select(n => n % 2 == 0
                ? corners[((length * 7) + n) % corners.Length]
                : Vectors.AnyFloat(Seed, (length * 100) + n))];
            uint[] expected = [.. x.Select(value => Vectors.Bits(Functions.Of(function, value)))];
            float[] y = [.. Enumerable.Repeat(Guard, length + 2)];

            FunctionKernels.Apply(function, x, y.AsSpan(1, length), width);
            FunctionKernels.Apply(function, x, x, width);

            Assert.That(y[1..^1].Select(Vectors.Bits), Is.EqualTo(expected), $"length {length}");
            Assert.That(x.Select(Vectors.Bits), Is.EqualTo(expected), $"length {length}, in place");
            Assert.That((y[0], y[^1]), Is.EqualTo((Guard, Guard)), $"length {length}, outside");
        }
    }

    [Test]
    public void Enclosures_are_well_within_their_bounds()
    {
        Assert.Multiple(() =>
        {
            Measure<FastExp>(-104, 89, 46);
            Measure<FastExp2>(-150, 128, 46);
            Measure<FastExpm1>(-20, 89, 46);
            Measure<FastTanh>(-10, 10, 46);
            Measure<FastLog>(0, 10, 46);
            Measure<FastLog2>(0, 10, 46);
            Measure<FastLog1p>(-1, 10, 46);
            Measure<FastErf>(-3.92, 3.92, 45);
            Measure<FastErfc>(-4, 10.1, 45);
            Measure<FastSin>(-1e6, 1e6, 46);
            Measure<FastCos>(-1e6, 1e6, 46);
            Measure<FastAtan>(-10, 10, 46);
            Measure<FastTan>(-1e6, 1e6, 46);
            Measure<FastAsin>(-1, 1, 46);
            Measure<FastAcos>(-1, 1, 46);
            Measure<FastSinh>(-89, 89, 46);
            Measure<FastCosh>(-89, 89, 46);
            Measure<FastAsinh>(-10, 10, 46);
            Measure<FastAcosh>(1, 10, 46);
            Measure<FastAtanh>(-1, 1, 46);
            Measure<FastRsqrt>(0, 10, 50);
        });
    }

    // The processor's own square root and division are always decided.
    private static IEnumerable<Function> Approximated => Vectors.All.Except([Function.Sqrt, Function.Reciprocal]);

    [Test]
    public void Undecided_lanes_are_rare([ValueSource(nameof(Approximated))] Function function)
    {
        // Timing would be a poor witness; the exact path is 1,000 times slower than the fast one.
        int undecided = function switch
        {
            Function.Exp => Undecided<FastExp>(),
            Function.Log => Undecided<FastLog>(),
            Function.Tanh => Undecided<FastTanh>(),
            Function.Erf => Undecided<FastErf>(),
            Function.Erfc => Undecided<FastErfc>(),
            Function.Rsqrt => Undecided<FastRsqrt>(),
            Function.Sin => Undecided<FastSin>(),
            Function.Cos => Undecided<FastCos>(),
            Function.Expm1 => Undecided<FastExpm1>(),
            Function.Log1p => Undecided<FastLog1p>(),
            Function.Exp2 => Undecided<FastExp2>(),
            Function.Log2 => Undecided<FastLog2>(),
            Function.Atan => Undecided<FastAtan>(),
            Function.Tan => Undecided<FastTan>(),
            Function.Asin => Undecided<FastAsin>(),
            Function.Acos => Undecided<FastAcos>(),
            Function.Sinh => Undecided<FastSinh>(),
            Function.Cosh => Undecided<FastCosh>(),
            Function.Asinh => Undecided<FastAsinh>(),
            Function.Acosh => Undecided<FastAcosh>(),
            Function.Atanh => Undecided<FastAtanh>(),
            _ => throw new NotSupportedException($"{function}"),
        };
        Assert.That(undecided, Is.LessThan(5));
    }

    [Test]
    public void Widths_other_than_the_three_are_refused()
    {
        float[] x = new float[4];
        Assert.Throws<ArgumentOutOfRangeException>(() => FunctionKernels.Apply(Function.Exp, x, x, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => FunctionKernels.Apply(Function.Sqrt, x, x, 1));
        Assert.Throws<ArgumentException>(() => FunctionKernels.Apply(Function.Exp, x, new float[3], 128));
    }

    [Test]
    public void Published_hashes_parse_and_compare()
    {
        string text = string.Concat(Enumerable.Range(0, 256).Select(i => $"{i:x2}\t{new string('a', 64)}\n"));
        ExhaustiveResult one = Exhaustive.Parse(Function.Exp, text + "root " + new string('b', 64));
        ExhaustiveResult other = one with { Chunks = [.. one.Chunks.Select((chunk, i) => i == 7 ? "c" : chunk)] };

        Assert.That(one.Differences(one), Is.Empty);
        Assert.That(one.Differences(other), Is.EqualTo([7]));
        Assert.Throws<FormatException>(() => Exhaustive.Parse(Function.Exp, text));
    }

    private static IEnumerable<float> Corners() =>
        Vectors.Corners.Concat(Vectors.Corners.Select(bits => bits | 0x80000000)).Select(Vectors.Float);

    private static void Measure<TFast>(double from, double to, int bound)
        where TFast : struct, IFastFunction
    {
        double worst = 0;
        float at = 0;
        for (int n = 0; n < 1000; n++)
        {
            double part = (Vectors.Random(Seed, n) >> 11) / 9007199254740992.0;
            float x = (float)(n % 4 == 0 ? part * 1e-3 : from + ((to - from) * part));
            TFast.Enclose(new OneDouble(x), out OneDouble low, out OneDouble high);
            double middle = (low.Value / 2) + (high.Value / 2);
            double exact = Functions.Of(TFast.Which, (double)x);
            double error = exact == 0 ? 0 : Math.Abs((middle - exact) / exact);
            if (error > worst)
            {
                worst = error;
                at = x;
            }
        }

        // A margin of 4 over what was measured; typically it is 20 or more.
        Assert.That(worst * 4 * (1L << bound), Is.LessThan(1), $"{TFast.Which} at {at:R}");
    }

    private static int Undecided<TFast>()
        where TFast : struct, IFastFunction
    {
        int count = 0;
        for (int n = 0; n < 500_000; n++)
        {
            float x = (float)(((Vectors.Random(Seed, n) >> 11) / 9007199254740992.0 * 20) - 10);
            TFast.Enclose(new OneDouble(x), out OneDouble low, out OneDouble high);
            count += (float)low.Value == (float)high.Value || double.IsNaN(low.Value) ? 0 : 1;
        }

        return count;
    }
}
