using System.Numerics;

using NUnit.Framework;

using VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Every instruction that the interpreter knows, on special values, against exact arithmetic;
/// those that move bits against answers of the manual.</summary>
internal sealed class PtxInstructionTests
{
    private static readonly float[] Singles =
    [
        0f, -0f, 1f, -1f, 0.5f, 1.5f, 2.5f, -2.5f, 3f, 1f / 3, 16777217f, 8388609.5f,
        2147483648f, -2147483648f, 4294967040f, 9.2233715E18f, 1E-45f, -1.1754942E-38f,
        1.17549435E-38f, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity,
        BitConverter.UInt32BitsToSingle(0x7FC00001), 0.1f, 255.5f, -128.5f, 65535.5f,
    ];

    private static readonly double[] Doubles =
    [
        0d, -0d, 1d, -1d, 0.5, 1.5, 2.5, -2.5, 1d / 3, 1 + Math.ScaleB(1, -24), 1 + Math.ScaleB(3, -25),
        9007199254740993d, 4294967295.5, -9.2233720368547758E18, 1.8446744073709552E19,
        5E-324, 7.0064923216240854E-46, 1.4E-45, 3.4028235677973366E38, double.MaxValue, double.PositiveInfinity, double.NegativeInfinity,
        BitConverter.UInt64BitsToDouble(0x7FF8000000000001), 0.1,
    ];

    private static readonly ulong[] Wholes =
    [
        0, 1, 2, 3, 5, 7, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10001, 16777217, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
        0x123456789ABCDEF0, 0xFEDCBA9876543210, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF,
        0x8000008000000001, 9007199254740993, 0x7FFFFFBFFFFFFFFF,
    ];

    private static readonly Dictionary<string, Func<BigInteger, BigInteger, BigInteger, BigInteger>> Integers = new()
    {
        ["add"] = (a, b, _) => a + b,
        ["sub"] = (a, b, _) => a - b,
        ["mul.lo"] = (a, b, _) => a * b,
        ["mad.lo"] = (a, b, c) => (a * b) + c,
        ["mul.wide"] = (a, b, _) => a * b,
        ["mad.wide"] = (a, b, c) => (a * b) + c,
        ["div"] = (a, b, _) => BigInteger.Divide(a, b),
        ["rem"] = (a, b, _) => BigInteger.Remainder(a, b),
        ["min"] = (a, b, _) => BigInteger.Min(a, b),
        ["max"] = (a, b, _) => BigInteger.Max(a, b),
        ["neg"] = (a, _, _) => -a,
        ["abs"] = (a, _, _) => BigInteger.Abs(a),
        ["mov"] = (a, _, _) => a,
        ["selp"] = (a, b, c) => c.IsZero ? b : a,
        ["and"] = (a, b, _) => a & b,
        ["or"] = (a, b, _) => a | b,
        ["xor"] = (a, b, _) => a ^ b,
        ["not"] = (a, _, _) => -a - 1,
        ["shl"] = (a, b, _) => b > 64 ? 0 : a << (int)b,
        ["shr"] = (a, b, _) => a >> (int)BigInteger.Min(b, 64),
        ["cvta.global"] = (a, _, _) => a,
        ["cvta.shared"] = (a, _, _) => a,
        ["cvta.local"] = (a, _, _) => a,
        ["cvta.const"] = (a, _, _) => a,
        ["cvta.to.global"] = (a, _, _) => a,
        ["cvta.to.shared"] = (a, _, _) => a,
        ["cvta.to.local"] = (a, _, _) => a,
        ["cvta.to.const"] = (a, _, _) => a,
        ["setp.eq"] = (a, b, _) => a == b ? 1 : 0,
        ["setp.ne"] = (a, b, _) => a != b ? 1 : 0,
        ["setp.lt"] = (a, b, _) => a < b ? 1 : 0,
        ["setp.le"] = (a, b, _) => a <= b ? 1 : 0,
        ["setp.gt"] = (a, b, _) => a > b ? 1 : 0,
        ["setp.ge"] = (a, b, _) => a >= b ? 1 : 0,
    };

    private static readonly Dictionary<string, Func<double, double, double, double>> Reals = new()
    {
        ["add.rn"] = (a, b, _) => a + b,
        ["sub.rn"] = (a, b, _) => a - b,
        ["mul.rn"] = (a, b, _) => a * b,
        ["div.rn"] = (a, b, _) => a / b,
        ["rcp.rn"] = (a, _, _) => 1 / a,
        ["sqrt.rn"] = (a, _, _) => Math.Sqrt(a),
        ["neg"] = (a, _, _) => -a,
        ["abs"] = (a, _, _) => Math.Abs(a),
        ["mov"] = (a, _, _) => a,
        ["copysign"] = (a, b, _) => Math.CopySign(b, a),
        ["setp.eq"] = (a, b, _) => a == b ? 1 : 0,
        ["setp.ne"] = (a, b, _) => Ordered(a, b) && a != b ? 1 : 0,
        ["setp.lt"] = (a, b, _) => a < b ? 1 : 0,
        ["setp.le"] = (a, b, _) => a <= b ? 1 : 0,
        ["setp.gt"] = (a, b, _) => a > b ? 1 : 0,
        ["setp.ge"] = (a, b, _) => a >= b ? 1 : 0,
        ["setp.equ"] = (a, b, _) => !Ordered(a, b) || a == b ? 1 : 0,
        ["setp.neu"] = (a, b, _) => a != b ? 1 : 0,
        ["setp.ltu"] = (a, b, _) => !(a >= b) ? 1 : 0,
        ["setp.leu"] = (a, b, _) => !(a > b) ? 1 : 0,
        ["setp.gtu"] = (a, b, _) => !(a <= b) ? 1 : 0,
        ["setp.geu"] = (a, b, _) => !(a < b) ? 1 : 0,
        ["setp.num"] = (a, b, _) => Ordered(a, b) ? 1 : 0,
        ["setp.nan"] = (a, b, _) => Ordered(a, b) ? 0 : 1,
    };

    private static readonly string[] IntegerCases =
    [
        .. from name in Integers.Keys
           from type in (string[])["u16", "s16", "u32", "s32", "u64", "s64", "b16", "b32", "b64"]
           where PtxTable.Find($"{name}.{type}") is not null
           select $"{name}.{type}",
    ];

    private static readonly string[] RealCases = [.. from name in Reals.Keys from type in (string[])["f32", "f64"] select $"{name}.{type}"];

    private static readonly string[] Conversions =
    [
        .. from to in (string[])["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"]
           from source in (string[])["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"]
           from rounding in (string[])["", "sat.", "rn.", "rni.", "rzi.", "rmi.", "rpi.", "rni.sat.", "rzi.sat."]
           where PtxTable.Find($"cvt.{rounding}{to}.{source}") is not null
           select $"cvt.{rounding}{to}.{source}",
    ];

    [Test]
    public void Integers_are_exact_and_cut([ValueSource(nameof(IntegerCases))] string opcode)
    {
        string type = opcode[^3..];
        Func<BigInteger, BigInteger, BigInteger, BigInteger> exact = Integers[opcode[..^4]];
        PtxRow row = PtxTable.Find(opcode)!;
        bool division = opcode.StartsWith("div", StringComparison.Ordinal) || opcode.StartsWith("rem", StringComparison.Ordinal);
        bool shift = opcode.StartsWith("sh", StringComparison.Ordinal);
        foreach ((ulong[] operands, ulong result) in Run(opcode, row, [.. row.Sources.Select(width => Values(type, width))], skip: operands =>
            division && (operands[1] == 0 || (type[0] == 's' && Value(type, operands[0]) < 0 && Value(type, operands[1]) == -1))))
        {
            BigInteger[] values =
                [.. operands.Select((bits, i) => row.Sources[i] == PtxParser.Width(type) && !(shift && i == 1) ? Value(type, bits) : new BigInteger(bits))];
            BigInteger expected = exact(values[0], values.ElementAtOrDefault(1), values.ElementAtOrDefault(2));
            Assert.That(result, Is.EqualTo(Cut(expected, row.Result)), () => $"{opcode} {string.Join(", ", operands.Select(bits => $"{bits:x}"))}");
        }
    }

    [TestCase("mul.hi")]
    [TestCase("mad.hi")]
    public void High_halves_are_exact(string name)
    {
        foreach (string type in (string[])["u16", "s16", "u32", "s32", "u64", "s64"])
        {
            PtxRow row = PtxTable.Find($"{name}.{type}")!;
            foreach ((ulong[] operands, ulong result) in Run($"{name}.{type}", row, [.. row.Sources.Select(width => Values(type, width))]))
            {
                BigInteger high = (Value(type, operands[0]) * Value(type, operands[1])) >> row.Result;
                Assert.That(result, Is.EqualTo(Cut(high + (operands.Length == 3 ? operands[2] : 0), row.Result)), $"{name}.{type}");
            }
        }
    }

    // What double gives for two floats, rounded to float, is what float gives: 53 bits are twice 24 and two more.
    [Test]
    public void Floats_are_rounded_once([ValueSource(nameof(RealCases))] string opcode)
    {
        bool single = opcode.EndsWith("f32", StringComparison.Ordinal);
        PtxRow row = PtxTable.Find(opcode)!;
        foreach ((ulong[] operands, ulong result) in Run(opcode, row, [.. row.Sources.Select(_ => Values(opcode[^3..], 0))]))
        {
            double[] values = [.. operands.Select(bits => single ? BitConverter.UInt32BitsToSingle((uint)bits) : BitConverter.UInt64BitsToDouble(bits))];
            double expected = Reals[opcode[..^4]](values[0], values.ElementAtOrDefault(1), 0);
            ulong bits = row.Result == 1 ? (ulong)expected
                : single ? BitConverter.SingleToUInt32Bits((float)expected) : BitConverter.DoubleToUInt64Bits(expected);
            string Case() => $"{opcode} {string.Join(", ", values)} is {result:x}";
            if (double.IsNaN(expected))
            {
                Assert.That(IsNaN(result, row.Result), Case);
            }
            else
            {
                Assert.That(result, Is.EqualTo(bits), Case);
            }
        }
    }

    [Test]
    public void Fma_rounds_once()
    {
        foreach ((string type, PtxRow row) in new[] { ("f32", PtxTable.Find("fma.rn.f32")!), ("f64", PtxTable.Find("fma.rn.f64")!) })
        {
            foreach ((ulong[] operands, ulong result) in Run($"fma.rn.{type}", row, [.. row.Sources.Select(_ => Values(type, 0))]))
            {
                double[] x = [.. operands.Select(bits => type == "f32" ? BitConverter.UInt32BitsToSingle((uint)bits) : BitConverter.UInt64BitsToDouble(bits))];
                if (double.IsFinite(x[0]) && double.IsFinite(x[1]) && double.IsFinite(x[2]) && !IsNaN(result, row.Result))
                {
                    Exact sum = (Exact.Of(x[0]) * Exact.Of(x[1])) + Exact.Of(x[2]);
                    if (!sum.IsZero)
                    {
                        Assert.That(result, Is.EqualTo(sum.Rounded(row.Result)), () => $"fma.rn.{type} {string.Join(", ", x)}");
                        continue;
                    }
                }

                double plain = double.IsFinite(x[0]) && double.IsFinite(x[1]) && double.IsInfinity(x[2]) ? x[2] : (x[0] * x[1]) + x[2];
                Assert.That(double.IsNaN(plain) ? IsNaN(result, row.Result) : Bits(plain, row.Result) == result,
                    () => $"fma.rn.{type} {string.Join(", ", x)} is {result:x}");
            }
        }
    }

    [Test]
    public void Conversions_are_exact_and_rounded_once([ValueSource(nameof(Conversions))] string opcode)
    {
        PtxRow row = PtxTable.Find(opcode)!;
        string[] parts = opcode.Split('.');
        (string to, string from) = (parts[^2], parts[^1]);
        foreach ((ulong[] operands, ulong result) in Run(opcode, row, [Values(from, row.Sources[0])]))
        {
            ulong bits = operands[0];
            ulong expected = Converted(bits, from, to, parts[1], opcode.Contains("sat", StringComparison.Ordinal) || from[0] == 'f');
            bool nan = to[0] == 'f' && IsNaN(expected, row.Result);
            Assert.That(nan ? IsNaN(result, row.Result) : result == expected, () => $"{opcode} of {bits:x} is {result:x}, not {expected:x}");
        }
    }

    [TestCase("prmt.b32", 0x33221100UL, 0x77665544UL, 0x7531UL, 0x77553311UL)]
    [TestCase("prmt.b32", 0x33221100UL, 0xFF66D544UL, 0x0FF5UL, 0x00FFFFD5UL)]
    [TestCase("prmt.b32", 0x33221180UL, 0x77665544UL, 0x0808UL, 0x80FF80FFUL)]
    [TestCase("shf.l.wrap.b32", 0x89ABCDEFUL, 0x01234567UL, 36UL, 0x12345678UL)]
    [TestCase("shf.l.wrap.b32", 0x89ABCDEFUL, 0x01234567UL, 32UL, 0x01234567UL)]
    [TestCase("shf.r.wrap.b32", 0x89ABCDEFUL, 0x01234567UL, 36UL, 0x789ABCDEUL)]
    [TestCase("shf.l.clamp.b32", 0x89ABCDEFUL, 0x01234567UL, 32UL, 0x89ABCDEFUL)]
    [TestCase("shf.r.clamp.b32", 0x89ABCDEFUL, 0x01234567UL, 40UL, 0x01234567UL)]
    [TestCase("bfe.u32", 0x89ABCDEFUL, 8UL, 12UL, 0xBCDUL)]
    [TestCase("bfe.s32", 0x89ABCDEFUL, 8UL, 12UL, 0xFFFFFBCDUL)]
    [TestCase("bfe.s32", 0x89ABCDEFUL, 28UL, 12UL, 0xFFFFFFF8UL)]
    [TestCase("bfe.u32", 0x89ABCDEFUL, 28UL, 12UL, 8UL)]
    [TestCase("bfe.s32", 0x89ABCDEFUL, 40UL, 4UL, 0xFFFFFFFFUL)]
    [TestCase("bfe.s32", 0x89ABCDEFUL, 4UL, 0UL, 0UL)]
    [TestCase("bfe.u64", 0x89ABCDEF01234567UL, 28UL, 12UL, 0xEF0UL)]
    [TestCase("bfe.s64", 0x89ABCDEF01234567UL, 60UL, 4UL, 0xFFFFFFFFFFFFFFF8UL)]
    [TestCase("popc.b32", 0xF00000F1UL, 0UL, 0UL, 9UL)]
    [TestCase("popc.b64", 0xF00000F100000001UL, 0UL, 0UL, 10UL)]
    [TestCase("clz.b32", 0UL, 0UL, 0UL, 32UL)]
    [TestCase("clz.b32", 0x00010000UL, 0UL, 0UL, 15UL)]
    [TestCase("clz.b64", 0x00010000UL, 0UL, 0UL, 47UL)]
    [TestCase("brev.b32", 0x00000003UL, 0UL, 0UL, 0xC0000000UL)]
    [TestCase("brev.b64", 0x00000003UL, 0UL, 0UL, 0xC000000000000000UL)]
    [TestCase("dp4a.s32.s32", 0x80FF017FUL, 0x8002037FUL, 5UL, 16384UL - 2 + 3 + 16129 + 5)]
    [TestCase("dp4a.u32.u32", 0x80FF017FUL, 0x8002037FUL, 5UL, 16384UL + 510 + 3 + 16129 + 5)]
    [TestCase("dp4a.s32.u32", 0xFF000000UL, 0xFF000000UL, 0UL, 0xFFFFFF01UL)]
    [TestCase("dp4a.u32.s32", 0xFF000000UL, 0xFF000000UL, 0UL, 0xFFFFFF01UL)]
    [TestCase("dp4a.s32.s32", 0x7F7F7F7FUL, 0x7F7F7F7FUL, 0x7FFFFFFFUL, 0x8000FC03UL)]
    [TestCase("cvt.f32.f16", 0x3C01UL, 0UL, 0UL, 0x3F802000UL)]
    [TestCase("cvt.f32.f16", 0x0001UL, 0UL, 0UL, 0x33800000UL)]
    [TestCase("cvt.f64.f16", 0xC000UL, 0UL, 0UL, 0xC000000000000000UL)]
    [TestCase("cvt.rn.f16.f32", 0x3F801000UL, 0UL, 0UL, 0x3C00UL)]
    [TestCase("cvt.rn.f16.f32", 0x3F803000UL, 0UL, 0UL, 0x3C02UL)]
    [TestCase("cvt.rn.f16.f32", 0x477FF000UL, 0UL, 0UL, 0x7C00UL)]
    [TestCase("cvt.rn.f16.f64", 0x3FF0000000000000UL, 0UL, 0UL, 0x3C00UL)]
    [TestCase("cvt.rn.f16.f64", 0x3FF0020000000001UL, 0UL, 0UL, 0x3C01UL)]
    public void Bits_go_where_the_manual_says(string opcode, ulong a, ulong b, ulong c, ulong expected)
    {
        PtxRow row = PtxTable.Find(opcode)!;
        (ulong[] _, ulong result) = Run(opcode, row, [.. new ulong[][] { [a], [b], [c] }.Take(row.Sources.Length)]).Single();
        Assert.That(result, Is.EqualTo(expected), $"{result:x}");
    }

    private static ulong Converted(ulong bits, string from, string to, string rounding, bool saturated)
    {
        if (from[0] == 'f')
        {
            double value = from == "f32" ? BitConverter.UInt32BitsToSingle((uint)bits) : BitConverter.UInt64BitsToDouble(bits);
            value = rounding switch
            {
                "rni" => Math.Round(value),
                "rzi" => Math.Truncate(value),
                "rmi" => Math.Floor(value),
                "rpi" => Math.Ceiling(value),
                _ => value,
            };
            return to[0] == 'f' ? Bits(value, PtxParser.Width(to))
                : double.IsNaN(value) ? (from == "f64" || to[1..] == "64" ? 1UL << (PtxParser.Width(to) - 1) : 0)
                : double.IsInfinity(value) ? Limited(value > 0 ? BigInteger.Pow(2, 64) : -BigInteger.Pow(2, 64), to)
                : Limited(new BigInteger(value), to);
        }

        BigInteger whole = Value(from, bits);
        return to[0] == 'f' ? (whole.IsZero ? 0 : new Exact(whole, 0).Rounded(PtxParser.Width(to)))
            : saturated ? Limited(whole, to)
            : Cut(whole, PtxParser.Width(to));
    }

    private static ulong Limited(BigInteger value, string type)
    {
        int width = PtxParser.Width(type);
        BigInteger most = BigInteger.Pow(2, type[0] == 's' ? width - 1 : width) - 1;
        return Cut(BigInteger.Min(most, BigInteger.Max(value, type[0] == 's' ? -most - 1 : 0)), width);
    }

    private static bool Ordered(double a, double b) => !double.IsNaN(a) && !double.IsNaN(b);

    private static bool IsNaN(ulong bits, int width) =>
        width == 32 ? float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits)) : width == 64 && double.IsNaN(BitConverter.UInt64BitsToDouble(bits));

    private static ulong Bits(double value, int width) => width == 32 ? BitConverter.SingleToUInt32Bits((float)value) : BitConverter.DoubleToUInt64Bits(value);

    private static BigInteger Value(string type, ulong bits)
    {
        int width = PtxParser.Width(type);
        ulong low = bits & (ulong.MaxValue >> (64 - width));
        return type[0] == 's' && low >> (width - 1) != 0 ? low - BigInteger.Pow(2, width) : low;
    }

    private static ulong Cut(BigInteger value, int width) => (ulong)(value & (BigInteger.Pow(2, width) - 1));

    private static ulong[] Values(string type, int width) => type switch
    {
        "f32" => [.. Singles.Select(BitConverter.SingleToUInt32Bits).Select(bits => (ulong)bits)],
        "f64" => [.. Doubles.Select(BitConverter.DoubleToUInt64Bits)],
        _ => [.. Wholes.Select(value => value & (ulong.MaxValue >> (64 - width))).Distinct()],
    };

    // Each combination of operands in a thread of its own.
    private static IEnumerable<(ulong[] Operands, ulong Result)> Run(string opcode, PtxRow row, ulong[][] values, Func<ulong[], bool>? skip = null)
    {
        List<ulong[]> cases = [[]];
        foreach (ulong[] column in values)
        {
            cases = [.. cases.SelectMany(start => column.Select(value => (ulong[])[.. start, value]))];
        }

        _ = cases.RemoveAll(operands => skip?.Invoke(operands) ?? false);
        int groups = (cases.Count + 31) / 32;
        ulong[] input = new ulong[groups * 32 * 3];
        for (int i = 0; i < groups * 32; i++)
        {
            cases[Math.Min(i, cases.Count - 1)].CopyTo(input, i * 3);
        }

        static string Register(int width, int i) => width switch
        {
            1 => $"%p{i}",
            8 or 16 => $"%h{i}",
            32 => $"%f{i}",
            _ => $"%d{i}",
        };
        string loads = string.Concat(row.Sources.Select((width, i) => width == 1
            ? $"ld.global.u16 %h6, [%rd0+{8 * i}];\nsetp.ne.u16 %p{i}, %h6, 0;\n"
            : $"ld.global.u{width} {Register(width, i)}, [%rd0+{8 * i}];\n"));
        string operands = string.Concat(row.Sources.Select((width, i) => $", {Register(width, i)}"));
        string store = row.Result == 1 ? "selp.b32 %f7, 1, 0, %p7;\ncvt.u64.u32 %d7, %f7;\n"
            : row.Result < 64 ? $"cvt.u64.u{row.Result} %d7, {Register(row.Result, 7)};\n" : string.Empty;
        ulong[] results = PtxScratch.Run(
            PtxScratch.Kernel($"""
                mul.wide.u32 %rd0, %i, 24;
                add.u64 %rd0, %rd0, %in;
                {loads}
                {opcode} {Register(row.Result, 7)}{operands};
                {store}
                add.u64 %rd1, %out, %at;
                st.global.u64 [%rd1], %d7;
                """),
            input,
            groups * 32,
            groups);
        return cases.Select((operands, i) => (operands, results[i]));
    }
}
