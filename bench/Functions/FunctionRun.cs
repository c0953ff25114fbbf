using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Bench.Functions;

/// <summary>
/// One elementary function: every f32 whose result lies within 2^-36 of a border between two roundings is found, by trying all 2^32, and the
/// definition is compared with the integer path there. Arguments and results are written for another program to judge.
/// </summary>
internal static class FunctionRun
{
    private const double Near = 1.0 / (1L << 36);
    private const int Sample = 1_000_000;

    internal static int Run(string[] arguments)
    {
        if (arguments.Length != 2 || !Enum.TryParse(arguments[0], ignoreCase: true, out Function function) || !Enum.IsDefined(function))
        {
            Console.Error.WriteLine("usage: bench functions NAME FOLDER");
            return 64;
        }

        Stopwatch watch = Stopwatch.StartNew();
        (uint[] hard, long undecided) = Search(function);
        uint[] all = [.. hard, .. Enumerable.Range(0, Sample).Select(AnySingle)];
        uint[] singles = Map(all, x => BitConverter.SingleToUInt32Bits(Engine.Numerics.Functions.Exactly(function, BitConverter.UInt32BitsToSingle(x))));
        long wrong = Enumerable.Range(0, all.Length).LongCount(i =>
            BitConverter.SingleToUInt32Bits(Engine.Numerics.Functions.Of(function, BitConverter.UInt32BitsToSingle(all[i]))) != singles[i]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{function}: {undecided} undecided, {hard.Length} hard and {Sample} other f32, {wrong} wrong, {watch.Elapsed.TotalSeconds:0} s"));

        ulong[] wide = [.. Enumerable.Range(0, Sample).Select(n => AnyDouble(function, n))];
        ulong[] doubles = Map(wide, x => BitConverter.DoubleToUInt64Bits(Engine.Numerics.Functions.Of(function, BitConverter.UInt64BitsToDouble(x))));
        Directory.CreateDirectory(arguments[1]);
        string stem = Path.Combine(arguments[1], function.ToString().ToLowerInvariant());
        using (FileStream file = File.Create(stem + ".f32"))
        {
            Span<byte> pair = stackalloc byte[8];
            for (int i = 0; i < all.Length; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(pair, all[i]);
                BinaryPrimitives.WriteUInt32LittleEndian(pair[4..], singles[i]);
                file.Write(pair);
            }
        }

        using (FileStream file = File.Create(stem + ".f64"))
        {
            Span<byte> pair = stackalloc byte[16];
            for (int i = 0; i < wide.Length; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(pair, wide[i]);
                BinaryPrimitives.WriteUInt64LittleEndian(pair[8..], doubles[i]);
                file.Write(pair);
            }
        }

        return wrong == 0 ? 0 : 1;
    }

    private static TResult[] Map<TValue, TResult>(TValue[] values, Func<TValue, TResult> map)
    {
        TResult[] results = new TResult[values.Length];
        Parallel.For(0, values.Length, i => results[i] = map(values[i]));
        return results;
    }

    private static (uint[] Hard, long Undecided) Search(Function function) => function switch
    {
        Function.Exp => Search<FastExp>(),
        Function.Log => Search<FastLog>(),
        Function.Tanh => Search<FastTanh>(),
        Function.Erf => Search<FastErf>(),
        Function.Erfc => Search<FastErfc>(),
        Function.Rsqrt => Search<FastRsqrt>(),
        Function.Sin => Search<FastSin>(),
        Function.Cos => Search<FastCos>(),
        Function.Expm1 => Search<FastExpm1>(),
        Function.Log1p => Search<FastLog1p>(),
        Function.Exp2 => Search<FastExp2>(),
        Function.Log2 => Search<FastLog2>(),
        Function.Atan => Search<FastAtan>(),
        Function.Tan => Search<FastTan>(),
        Function.Asin => Search<FastAsin>(),
        Function.Acos => Search<FastAcos>(),
        Function.Sinh => Search<FastSinh>(),
        Function.Cosh => Search<FastCosh>(),
        Function.Asinh => Search<FastAsinh>(),
        Function.Acosh => Search<FastAcosh>(),
        Function.Atanh => Search<FastAtanh>(),
        _ => ([], 0),
    };

    // Angles above 2^20 are reduced in integers first: of those, one in 2^10.
    private static (uint[] Hard, long Undecided) Search<TFast>()
        where TFast : struct, IFastFunction
    {
        List<uint>[] found = new List<uint>[4096];
        long undecided = 0;
        Parallel.For(0, found.Length, chunk =>
        {
            List<uint> some = [];
            long open = 0;
            for (int i = 0; i < 1 << 20; i++)
            {
                uint bits = ((uint)chunk << 20) | (uint)i;
                float x = BitConverter.UInt32BitsToSingle(bits);
                TFast.Enclose(new OneDouble(x), out OneDouble low, out OneDouble high);
                if (low.Value < 0 && high.Value > 0)
                {
                    if (i % 1024 == 0)
                    {
                        some.Add(bits);
                    }
                }
                else if ((float)(low.Value - (Math.Abs(low.Value) * Near)) != (float)(high.Value + (Math.Abs(high.Value) * Near)) && !double.IsNaN(low.Value))
                {
                    some.Add(bits);
                    open += (float)low.Value == (float)high.Value ? 0 : 1;
                }
            }

            found[chunk] = some;
            Interlocked.Add(ref undecided, open);
        });
        return ([.. found.SelectMany(some => some)], undecided);
    }

    private static uint AnySingle(int n)
    {
        uint bits = unchecked((uint)Random(1, n));
        return (n % 4) switch
        {
            0 => bits,
            1 => (bits & 0x81FFFFFF) | 0x3E000000,
            2 => unchecked((uint)((n >> 2) & 0x1FF) << 23) | (bits % 16 < 8 ? bits % 8 : 0x7FFFFF - (bits % 8)),
            _ => BitConverter.SingleToUInt32Bits((float)((bits >> 4) % (1 << (int)(bits & 15)) * (Math.PI / 2))),
        };
    }

    // Any bits; exponents near 1's; each exponent's first and last numbers; the numbers next to 1, -1 and small multiples of pi/2.
    private static ulong AnyDouble(Function function, int n)
    {
        ulong bits = Random(2 + (ulong)function, n);
        ulong some = bits >> 60;
        return (n % 8) switch
        {
            0 => bits,
            1 or 2 or 3 => (bits & 0x807FFFFFFFFFFFFF) | 0x3F80000000000000,
            4 => (bits & 0x803FFFFFFFFFFFFF) | 0x4000000000000000,
            5 => ((ulong)((n >> 3) & 0xFFF) << 52) | (some < 8 ? some : 0xFFFFFFFFFFFFF - (some - 8)),
            6 => unchecked(0x3FF0000000000000 + (some < 8 ? some : 0UL - ((bits & 0xFFFFFF) << (int)(some & 3)))) | (bits << 63),
            _ => BitConverter.DoubleToUInt64Bits((bits >> 34) % (1UL << (int)(bits % 31)) * (Math.PI / 2)),
        };
    }

    /// <summary>SplitMix64: the n-th value of a seed.</summary>
    private static ulong Random(ulong seed, long n)
    {
        ulong z = unchecked(seed + ((ulong)(n + 1) * 0x9E3779B97F4A7C15));
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return z ^ (z >> 31);
    }
}
