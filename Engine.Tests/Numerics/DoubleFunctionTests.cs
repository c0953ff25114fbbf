using NUnit.Framework;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>The f64 functions: more precision changes nothing, and they are what they say.</summary>
internal sealed class DoubleFunctionTests
{
    private const ulong Seed = 64;

    private static readonly ulong[] Corners =
    [
        0x0000000000000000, 0x0000000000000001, 0x000FFFFFFFFFFFFF, 0x0010000000000000, 0x1FF0000000000000,
        0x3C10000000000000, 0x3C60000000000000, 0x3C70000000000000, 0x3CA0000000000000, 0x3E30000000000000,
        0x3E40000000000000, 0x3FE0000000000000, 0x3FEFFFFFFFFFFFFF, 0x3FF0000000000000, 0x3FF0000000000001,
        0x3FF921FB54442D18, 0x400921FB54442D18, 0x4017AFB48DC96626, 0x401A000000000000, 0x4019000000000000,
        0x403B39DC41E48BFD, 0x403C000000000000, 0x40862E42FEFA39EF, 0x4086232BDD7ABCD2, 0x40874910D52D3051,
        0x40874910D52D3052, 0x4090C80000000000, 0x4090CC0000000000, 0x4330000000000000, 0x4340000000000000,
        0x6F0206FC3A3E4C42, 0x7FE0000000000000, 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000, 0x7FF0000000000001,
        0x7FF8000000000000,
    ];

    [Test]
    public void More_precision_changes_nothing(
        [ValueSource(typeof(Vectors), nameof(Vectors.All))] Function function)
    {
        int count = function is Function.Erf or Function.Erfc ? 60 : 250;
        IEnumerable<double> inputs = Corners.Concat(Corners.Select(bits => bits | (1UL << 63)))
            .Select(BitConverter.UInt64BitsToDouble)
            .Concat(Enumerable.Range(0, count).Select(n => Vectors.AnyDouble(Seed, n)));

        foreach (double x in inputs)
        {
            ulong usual = Ziv.Evaluate(function, BinaryFormat.F64, x);
            Assert.That(Ziv.Evaluate(function, BinaryFormat.F64, x, 512), Is.EqualTo(usual), $"{function}({x:R})");
            ulong published = BitConverter.DoubleToUInt64Bits(Functions.Of(function, x));
            Assert.That(published, Is.EqualTo(usual), $"{function}({x:R})");
        }
    }

    [Test]
    public void More_precision_changes_no_power()
    {
        for (int n = 0; n < 400; n++)
        {
            double x = Vectors.AnyDouble(Seed, 2 * n);
            double y = Vectors.AnyDouble(Seed, (2 * n) + 1);
            CheckPow(x, y);
        }

        foreach (double x in Corners.Select(BitConverter.UInt64BitsToDouble))
        {
            foreach (double y in Corners.Select(BitConverter.UInt64BitsToDouble))
            {
                CheckPow(x, y);
            }
        }
    }

    [Test]
    public void Results_are_near_those_of_a_libm()
    {
        (Function Function, Func<double, double> Libm)[] pairs =
        [
            (Function.Exp, Math.Exp), (Function.Log, Math.Log), (Function.Tanh, Math.Tanh), (Function.Sqrt, Math.Sqrt),
            (Function.Sin, Math.Sin), (Function.Cos, Math.Cos), (Function.Exp2, x => Math.Pow(2, x)),
            (Function.Log2, Math.Log2), (Function.Atan, Math.Atan), (Function.Reciprocal, x => 1 / x),
            (Function.Tan, Math.Tan), (Function.Asin, Math.Asin), (Function.Acos, Math.Acos), (Function.Sinh, Math.Sinh),
            (Function.Cosh, Math.Cosh), (Function.Asinh, Math.Asinh), (Function.Acosh, Math.Acosh), (Function.Atanh, Math.Atanh),
        ];
        foreach ((Function function, Func<double, double> libm) in pairs)
        {
            for (int n = 0; n < 400; n++)
            {
                double x = Vectors.AnyDouble(Seed, n);
                double y = Functions.Of(function, x);
                double other = libm(x);
                bool near = y.Equals(other) || (double.IsNaN(y) && double.IsNaN(other))
                    || Math.Abs(y - other) <= Math.Max(Math.Abs(y) * 1e-15, 1e-323);
                Assert.That(near, $"{function}({x:R}) = {y:R}, libm {other:R}");
            }
        }
    }

    [Test]
    public void Identities_hold()
    {
        for (int n = 0; n < 100; n++)
        {
            double x = Vectors.AnyDouble(Seed + 1, (2 * n) + 1);
            Assert.That(Functions.Erf(-x), Is.EqualTo(-Functions.Erf(x)));
            Assert.That(Functions.Tanh(-x), Is.EqualTo(-Functions.Tanh(x)));
            Assert.That(Functions.Sin(-x), Is.EqualTo(-Functions.Sin(x)));
            Assert.That(Functions.Cos(-x), Is.EqualTo(Functions.Cos(x)));
            Assert.That(Functions.Atan(-x), Is.EqualTo(-Functions.Atan(x)));
            Assert.That(Functions.Erf(x) + Functions.Erfc(x), Is.EqualTo(1).Within(4e-16));
            Assert.That(Functions.Log1p(Functions.Expm1(x)), Is.EqualTo(x).Within(2).Ulps.Or.EqualTo(x).Within(1e-13));
            double size = Math.Abs(x);
            Assert.That(Functions.Rsqrt(size), Is.EqualTo(1 / Math.Sqrt(size)).Within(1).Ulps);
            Assert.That(Functions.Pow(size, 0.5), Is.EqualTo(Math.Sqrt(size)));
            Assert.That(Functions.Pow(size, -1.0), Is.EqualTo(1 / size));
            Assert.That(Functions.Pow(size, 2.0), Is.EqualTo(size * size));
        }

        for (int k = -1074; k < 1024; k++)
        {
            Assert.That(Functions.Log2(Functions.Exp2((double)k)), Is.EqualTo(k));
            Assert.That(Functions.Pow(2.0, k), Is.EqualTo(Functions.Exp2((double)k)));
        }
    }

    [Test]
    public void Every_nan_is_the_one_nan(
        [ValueSource(typeof(Vectors), nameof(Vectors.All))] Function function)
    {
        ulong[] all = [0x7FF0000000000001, 0x7FF8000000000000, 0xFFF8000000000001, 0xFFFFFFFFFFFFFFFF];
        foreach (ulong bits in all)
        {
            double x = BitConverter.UInt64BitsToDouble(bits);
            Assert.That(BitConverter.DoubleToUInt64Bits(Functions.Of(function, x)), Is.EqualTo(Real.NaNF64Bits));
            Assert.That(BitConverter.DoubleToUInt64Bits(Functions.Pow(x, 2.0)), Is.EqualTo(Real.NaNF64Bits));
        }
    }

    private static void CheckPow(double x, double y)
    {
        ulong usual = Ziv.Pow(BinaryFormat.F64, x, y);
        Assert.That(Ziv.Pow(BinaryFormat.F64, x, y, 512), Is.EqualTo(usual), $"{x:R}^{y:R}");
    }
}
