using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>The functions that nobody published results of, at arguments chosen to be hard, against the integer path.</summary>
internal sealed class HardFunctionTests
{
    private const ulong Seed = 20261124;

    // The f32 above 2^20 that are nearest to a multiple of pi/2, and the nearest of a few binades; found by trying all of them.
    private static readonly uint[] NearQuarters =
    [
        0x6F79BE45, 0x50A3E87F, 0x6FF9BE45, 0x5123E87F, 0x6A1976F1, 0x53B146A6, 0x65898498, 0x77584625, 0x4C2332E9, 0x6C55DA58, 0x5C07BCD0, 0x4A2562AE,
    ];

    // Where a short approximation comes nearest to the middle of two f32: the first of each row too near for it to decide, the others just far
    // enough; found by trying a third of all.
    private static readonly Dictionary<Function, uint[]> NearMiddles = new()
    {
        [Function.Exp] =
        [
            0xC1240F86, 0xBDA2D6BB, 0xBBB203D0, 0x3C79C9CF, 0xBEEB8771, 0x3B00BC9C, 0xC270DF8A, 0x3A349413,
            0x3E405502, 0x408D468D, 0x40D33146, 0x3BBDF14C, 0x40B19697, 0xC0055D16, 0x3A89778A, 0xC088FCBB,
        ],
        [Function.Tanh] =
        [
            0x3C6AA95F, 0x3D2CD0CA, 0x3E82A780, 0x3C46EB27, 0x3E99E4BB, 0x3C71F266, 0x3AEAFD52,
            0x3A8C2505, 0x3F460BD6, 0x3F766122, 0x4006D023, 0x3DCAD464, 0x3B8D629C, 0x3C11A94D,
        ],
        [Function.Erf] =
        [
            0x3A728946, 0x3F3EABB8, 0x3E710812, 0x3B822534, 0x3C6D363B, 0x3B1980B0, 0x3F93625E,
            0x3F2D874A, 0x3BE81F96, 0x3F8A157A, 0x400EB299, 0x3A522E7D, 0x3B0E3603, 0x3FC9B656,
        ],
        [Function.Erfc] =
        [
            0xBC560500, 0xBDF77B5A, 0xBEC713CB, 0xBACCEB5C, 0xBE78F98B, 0xBDAAE743, 0xBEDCC34F, 0xBF74C9EF,
            0x3CDF8CA0, 0x3AD876EF, 0xBF6A6152, 0xBC44581A, 0x3F840AFC, 0xBA7AED4B, 0xBCE57712, 0xBAC72C38,
        ],
    };

    [Test]
    public void Next_to_the_middle_of_two_results_no_lane_reaches_another(
        [Values(Function.Exp, Function.Tanh, Function.Erf, Function.Erfc)] Function function)
    {
        uint[] hard = NearMiddles[function];
        for (int place = 0; place < 37; place++)
        {
            // One at a time between easy ones, and all beside each other from another lane on.
            float[] x = [.. Enumerable.Repeat(0.75f, 37 + place), .. hard.Select(Vectors.Float)];
            x[place] = Vectors.Float(hard[place % hard.Length]);
            uint[] inputs = [.. x.Select(Vectors.Bits)];
            Assert.That(Vectors.Wrong(function, inputs, [.. x.Select(value => Vectors.Bits(Functions.Exactly(function, value)))]), Is.Empty);
        }
    }

    [Test]
    public void Every_exponent_and_every_turning_point(
        [ValueSource(typeof(Vectors), nameof(Vectors.Unpublished))] Function function)
    {
        float[] x = [.. Hard().Distinct().Select(Vectors.Float)];
        float[] y = new float[x.Length];
        uint[] expected = [.. x.Select(value => Vectors.Bits(Functions.Exactly(function, value)))];
        foreach (int width in Vectors.Widths)
        {
            FunctionKernels.Apply(function, x, y, width);
            Assert.That(y.Select(Vectors.Bits), Is.EqualTo(expected), $"width {width}");
        }

        Assert.That(x.Select(value => Vectors.Bits(Functions.Of(function, value))), Is.EqualTo(expected), "definition");
    }

    [Test, Category("slow")]
    public void A_hundred_thousand_arguments(
        [ValueSource(typeof(Vectors), nameof(Vectors.Unpublished))] Function function)
    {
        const int Count = 100_000;
        float[] x = [.. Enumerable.Range(0, Count).Select(n => Vectors.AnyFloat(Seed + (ulong)function, n))];
        float[] y = new float[Count];
        FunctionKernels.Apply(function, x, y);
        IEnumerable<string> wrong = Enumerable.Range(0, Count)
            .Where(n => Vectors.Bits(y[n]) != Vectors.Bits(Functions.Exactly(function, x[n])))
            .Select(n => $"{function}({Vectors.Bits(x[n]):x8})");

        Assert.That(wrong.Take(10), Is.Empty);
    }

    [Test]
    public void Special_values_are_those_of_ieee_754()
    {
        const uint One = 0x3F800000;
        const uint Infinity = 0x7F800000;
        const uint NaN = 0x7FC00000;
        const uint Minus = 0x80000000;
        (Function Function, uint X, uint Y)[] rows =
        [
            (Function.Tan, 0, 0), (Function.Tan, Minus, Minus), (Function.Tan, Infinity, NaN), (Function.Tan, Minus | Infinity, NaN),
            (Function.Asin, 0, 0), (Function.Asin, Minus, Minus), (Function.Asin, One, 0x3FC90FDB), (Function.Asin, Minus | One, 0xBFC90FDB),
            (Function.Asin, One + 1, NaN), (Function.Asin, Infinity, NaN),
            (Function.Acos, One, 0), (Function.Acos, Minus | One, 0x40490FDB), (Function.Acos, 0, 0x3FC90FDB), (Function.Acos, Minus, 0x3FC90FDB),
            (Function.Acos, Minus | (One + 1), NaN), (Function.Acos, Minus | Infinity, NaN),
            (Function.Sinh, 0, 0), (Function.Sinh, Minus, Minus), (Function.Sinh, Infinity, Infinity), (Function.Sinh, Minus | Infinity, Minus | Infinity),
            (Function.Cosh, 0, One), (Function.Cosh, Minus, One), (Function.Cosh, Infinity, Infinity), (Function.Cosh, Minus | Infinity, Infinity),
            (Function.Asinh, 0, 0), (Function.Asinh, Minus, Minus), (Function.Asinh, Infinity, Infinity), (Function.Asinh, Minus | Infinity, Minus | Infinity),
            (Function.Acosh, One, 0), (Function.Acosh, One - 1, NaN), (Function.Acosh, 0, NaN), (Function.Acosh, Minus | 0x50000000, NaN),
            (Function.Acosh, Infinity, Infinity), (Function.Acosh, Minus | Infinity, NaN),
            (Function.Atanh, 0, 0), (Function.Atanh, Minus, Minus), (Function.Atanh, One, Infinity), (Function.Atanh, Minus | One, Minus | Infinity),
            (Function.Atanh, One + 1, NaN), (Function.Atanh, Infinity, NaN),
        ];
        foreach ((Function function, uint x, uint y) in rows)
        {
            Assert.That(Vectors.Bits(Functions.Of(function, Vectors.Float(x))), Is.EqualTo(y), $"{function}({x:x8})");
            double wide = Functions.Of(function, (double)Vectors.Float(x));
            Assert.That(Vectors.Bits(Real.ToF32(wide)), Is.EqualTo(y), $"{function}({x:x8}) in f64");
        }
    }

    // Both ends of every binade; what is next to 1, to the ends of the range and to 0; multiples of pi/2 and their neighbours.
    private static IEnumerable<uint> Hard()
    {
        List<uint> some = [.. NearQuarters, .. Vectors.Corners];
        for (uint exponent = 0; exponent < 256; exponent++)
        {
            some.AddRange([exponent << 23, (exponent << 23) | 1, (exponent << 23) | 0x400000, (exponent << 23) | 0x7FFFFF]);
        }

        for (uint near = 0; near < 64; near++)
        {
            some.AddRange([0x3F800000 - near, 0x3F800000 + near, 0x42B2D4FC - 32 + near, near << 17, 0x39000000 + (near << 18)]);
        }

        for (int k = 1; k <= 400; k++)
        {
            uint quarter = Vectors.Bits((float)(k * (Math.PI / 2)));
            some.AddRange([quarter - 1, quarter, quarter + 1]);
        }

        return some.SelectMany(bits => (uint[])[bits, bits | 0x80000000]);
    }
}
