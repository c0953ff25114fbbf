using System.Globalization;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Numerics;

/// <summary>What the numeric tests share: published rows, seeded values, bits.</summary>
internal static class Vectors
{
    public static readonly int[] Widths = [128, 256, 512];

    public static Function[] All => Enum.GetValues<Function>();

    /// <summary>Those that others published results of.</summary>
    public static Function[] Published => [.. All.Where(function => function <= Function.Atan)];

    /// <summary>Those that nobody did.</summary>
    public static Function[] Unpublished => [.. All.Where(function => function > Function.Atan)];

    /// <summary>Values at which functions turn: zero, one, subnormals, bounds, infinity, NaN.</summary>
    public static readonly uint[] Corners =
    [
        0x00000000, 0x00000001, 0x00000002, 0x007FFFFF, 0x00800000, 0x00800001, 0x01000000, 0x1E3CE508, 0x2F800000,
        0x32800000, 0x33000000, 0x33800000, 0x34000000, 0x39800000, 0x3F000000, 0x3F3504F3, 0x3F7FFFFF, 0x3F800000,
        0x3F800001, 0x3FB504F3, 0x3FC90FDB, 0x40000000, 0x40490FDB, 0x407AD445, 0x40F00000, 0x4121418E, 0x42AEAC50,
        0x42B17218, 0x42CFF1B5, 0x43000000, 0x43150000, 0x43160000, 0x49800000, 0x49800001, 0x4B000000, 0x4B800000,
        0x7E800000, 0x7F000000, 0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FC00000, 0x7FC12345, 0x7FFFFFFF,
    ];

    public static float Float(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    public static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    public static uint Hex(string text) => uint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Any NaN as the one NaN.</summary>
    public static uint Canonical(uint bits) => (bits & 0x7FFFFFFF) > 0x7F800000 ? Real.NaNF32Bits : bits;

    /// <summary>A published file of one function, as rows of words.</summary>
    public static IEnumerable<uint[]> Rows(Function function, string kind)
    {
        string name = $"f32_{Exhaustive.FileWord(function)}.{kind}.tsv";
        string path = Path.Combine(TestData.Folder("float-vectors"), "fp", "f32-exhaustive", name);
        return File.ReadLines(path)
            .Where(line => line.Length > 0)
            .Select(line => line.Split('\t').Select(Hex).ToArray());
    }

    /// <summary>SplitMix64: the n-th value of a seed.</summary>
    public static ulong Random(ulong seed, long n)
    {
        ulong z = unchecked(seed + ((ulong)(n + 1) * 0x9E3779B97F4A7C15));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }

    /// <summary>Random f32: any bits, or with an exponent near that of 1.</summary>
    public static float AnyFloat(ulong seed, long n)
    {
        uint bits = unchecked((uint)Random(seed, n));
        return Float((n & 1) == 0 ? bits : (bits & 0x83FFFFFF) | 0x3C000000);
    }

    /// <summary>Random f64: any bits, or with an exponent near that of 1.</summary>
    public static double AnyDouble(ulong seed, long n)
    {
        ulong bits = Random(seed, n);
        return BitConverter.UInt64BitsToDouble((n & 1) == 0 ? bits : (bits & 0x807FFFFFFFFFFFFF) | 0x3F80000000000000);
    }

    /// <summary>The published function's results at every width, each compared with what is expected.</summary>
    public static IEnumerable<string> Wrong(Function function, uint[] inputs, uint[] expected)
    {
        float[] x = [.. inputs.Select(Float)];
        foreach (int width in Widths.Prepend(Exhaustive.Definition))
        {
            float[] y = new float[x.Length];
            if (width == Exhaustive.Definition)
            {
                for (int i = 0; i < x.Length; i++)
                {
                    y[i] = Functions.Of(function, x[i]);
                }
            }
            else
            {
                FunctionKernels.Apply(function, x, y, width);
            }

            for (int i = 0; i < x.Length; i++)
            {
                if (Bits(y[i]) != expected[i])
                {
                    yield return $"{function} width {width}: f({inputs[i]:x8}) = {Bits(y[i]):x8}, not {expected[i]:x8}";
                }
            }
        }
    }
}
