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
