using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tests.Numerics;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>f64 in integers (Texts/soft_doubles.h) against the processor's, on numbers chosen to be hard and on any.</summary>
[Category("gpu")]
internal sealed class SoftDoubleTests
{
    private const int Chunk = 1 << 18;
    private const int Chunks = 40;
    private const ulong One = 0x3FF0000000000000;

    // Each operation on three numbers, as the kernel writes them and as they are here.
    private static readonly (string Text, Func<double, double, double, ulong> Answer)[] Operations =
    [
        ("bits_of_f64(add_f64(x, y))", (x, y, _) => Bits(x + y)),
        ("bits_of_f64(sub_f64(x, y))", (x, y, _) => Bits(x - y)),
        ("bits_of_f64(mul_f64(x, y))", (x, y, _) => Bits(x * y)),
        ("bits_of_f64(fma_f64(x, y, z))", (x, y, z) => Bits(Math.FusedMultiplyAdd(x, y, z))),
        ("bits_of_f64(div_f64(x, y))", (x, y, _) => Bits(x / y)),
        ("bits_of_f64(sqrt_f64(x))", (x, _, _) => Bits(Math.Sqrt(x))),
        ("bits_of_f64(rint_f64(x))", (x, _, _) => Bits(Math.Round(x, MidpointRounding.ToEven))),
        ("bits_of_f64(floor_f64(x))", (x, _, _) => Bits(Math.Floor(x))),
        ("bits_of_f64(ceil_f64(x))", (x, _, _) => Bits(Math.Ceiling(x))),
        ("bits_of_f64(f64_of_long((long)u))", (x, _, _) => Bits(Real.ToF64(unchecked((long)Raw(x))))),
        ("bits_of_f64(f64_of_ulong(u))", (x, _, _) => Bits(Real.ToF64(Raw(x)))),
        ("bits_of_f64(f64_of_int((int)(u >> 32)))", (x, _, _) => Bits(unchecked((int)(Raw(x) >> 32)))),
        ("bits_of_f64(f64_of_f32(float_of((uint)(u >> 32))))", (x, _, _) => Bits(BitConverter.UInt32BitsToSingle((uint)(Raw(x) >> 32)))),
        ("bits_of(canonical(f32_of_f64(x)))", (x, _, _) => BitConverter.SingleToUInt32Bits(Real.Canonical((float)x))),
        ("narrow_f16(odd_f32(x))", (x, _, _) => Real.ToF16(x)),
        ("narrow_bf16(odd_f32(x))", (x, _, _) => Real.ToBF16(x)),
        ("truncated(x, 64, 0)", (x, _, _) => unchecked((ulong)Real.ToI64(x))),
        ("truncated(x, 64, 1)", (x, _, _) => Real.ToU64(x)),
        ("truncated(x, 32, 0)", (x, _, _) => unchecked((ulong)Real.ToI32(x))),
        ("bits_of_f64(canonical_f64(neg_f64(x)))", (x, _, _) => Bits(-x)),
        (
            "(ulong)lt_f64(x, y) | (ulong)le_f64(x, y) << 1 | (ulong)eq_f64(x, y) << 2 | (ulong)gt_f64(x, y) << 3 | (ulong)ge_f64(x, y) << 4",
            (x, y, _) => Bit(x < y, 0) | Bit(x <= y, 1) | Bit(x == y, 2) | Bit(x > y, 3) | Bit(x >= y, 4)),
    ];

    private static readonly ulong[] Specials = [.. Magnitudes().SelectMany(bits => new[] { bits, bits | (1UL << 63) })];

    [Test]
    public void Every_operation_has_the_bits_of_the_processor()
    {
        using OpenClDevice device = GpuTest.OpenCl(null, _ => KernelTexts.Source("Soft", Text), hasDoubles: false);
        ulong[] inputs = new ulong[3 * Chunk];
        ulong[] answers = new ulong[Operations.Length * Chunk];
        using GpuBuffer from = device.Allocate((long)inputs.Length * sizeof(ulong));
        using GpuBuffer to = device.Allocate((long)answers.Length * sizeof(ulong));
        Assert.That(Math.Pow(Specials.Length, 3), Is.LessThan(Chunk * (long)Chunks / 2), "there are others too");
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            Parallel.For(0, 64, part => Fill(inputs, chunk, part));
            device.Write(from, 0, MemoryMarshal.AsBytes<ulong>(inputs));
            device.Launch(device.Kernel("Soft", "soft"), new GpuGrid(Chunk / 64), [from, to, Chunk]);
            device.Read(to, 0, MemoryMarshal.AsBytes(answers.AsSpan()));
            Parallel.For(0, Operations.Length, op => Compare(op, inputs, answers.AsSpan(op * Chunk, Chunk)));
        }
    }

    /// <summary>That the test above can fail: it sees what one place of the text is for, in the chunk where special numbers end.</summary>
    [TestCase("rest == 512ul && (m & 1ul) != 0ul", "rest == 512ul")]
    [TestCase("| (ma * mb != 0ul)", "")]
    [TestCase("- less_high - (low < less_low)", "- less_high")]
    [TestCase("(a | b) == 0ul) return 0;", "0) return 0;")]
    [TestCase("| (rest != 0ul)", "")]
    public void A_wrong_place_is_seen(string right, string wrong)
    {
        using OpenClDevice device = GpuTest.OpenCl(
            null, _ => KernelTexts.Source("Soft", Text).Replace(right, wrong, StringComparison.Ordinal), hasDoubles: false);
        Assert.That(KernelTexts.Source("Soft", Text), Does.Contain(right));
        ulong[] inputs = new ulong[3 * Chunk];
        ulong[] answers = new ulong[Operations.Length * Chunk];
        for (int part = 0; part < 64; part++)
        {
            Fill(inputs, (int)(Math.Pow(Specials.Length, 3) / Chunk), part);
        }

        using GpuBuffer from = device.Filled(MemoryMarshal.AsBytes<ulong>(inputs));
        using GpuBuffer to = device.Allocate((long)answers.Length * sizeof(ulong));
        device.Launch(device.Kernel("Soft", "soft"), new GpuGrid(Chunk / 64), [from, to, Chunk]);
        device.Read(to, 0, MemoryMarshal.AsBytes(answers.AsSpan()));
        Assert.That(
            () => Enumerable.Range(0, Operations.Length).ToList().ForEach(op => Compare(op, inputs, answers.AsSpan(op * Chunk, Chunk))),
            Throws.TypeOf<InvalidDataException>());
    }

    private static void Compare(int op, ulong[] inputs, ReadOnlySpan<ulong> answers)
    {
        (string text, Func<double, double, double, ulong> answer) = Operations[op];
        for (int i = 0; i < answers.Length; i++)
        {
            (ulong x, ulong y, ulong z) = (inputs[3 * i], inputs[(3 * i) + 1], inputs[(3 * i) + 2]);
            ulong expected = answer(Number(x), Number(y), Number(z));
            if (answers[i] != expected)
            {
                throw new InvalidDataException($"{text} of {x:X16}, {y:X16}, {z:X16} is {expected:X16}, not {answers[i]:X16}");
            }
        }
    }

    private static string? Text(string file)
    {
        string path = Path.Combine(House.Repository.Root, "Engine.Kernels", "Gpu", "Texts", file);
        IEnumerable<string> lines = Operations.Select((operation, number) => $"    answers[{number} * (long)count + i] = {operation.Text};");
        return file != "Soft.cl" ? File.ReadAllText(path) : $$"""
            /* uses: floats.h */
            KERNEL(soft, 64)(__global const ulong *inputs, __global ulong *answers, int count)
            {
                int i = group_x() * 64 + local_id();
                ulong u = inputs[3 * i];
                f64 x = double_of(u);
                f64 y = double_of(inputs[3 * i + 1]);
                f64 z = double_of(inputs[3 * i + 2]);
            {{string.Join('\n', lines)}}
            }

            """;
    }

    // One part of 64 of a chunk's inputs.
    private static void Fill(ulong[] inputs, int chunk, int part)
    {
        Numbers random = new((ulong)((chunk * 64) + part));
        for (int i = part * (Chunk / 64); i < (part + 1) * (Chunk / 64); i++)
        {
            (inputs[3 * i], inputs[(3 * i) + 1], inputs[(3 * i) + 2]) = Triple(random, (chunk * (long)Chunk) + i);
        }
    }

    private static (ulong X, ulong Y, ulong Z) Triple(Numbers random, long index)
    {
        int n = Specials.Length;
        if (index < (long)n * n * n)
        {
            return (Specials[index % n], Specials[index / n % n], Specials[index / n / n]);
        }

        double x = Near(random, 1023, 40);
        double y = Near(random, 1023, 40);
        switch (index % 12)
        {
            case 0: return (random.Any(), random.Any(), random.Any());

            // What cancels, but for a few units of the last place.
            case 1: return (Raw(x), Beside(-x, random), random.Any());
            case 2: return (Raw(x), Raw(y), Beside(-(x * y), random));

            // Sums and products that lie at the middle of two numbers, or a little beside it.
            case 3: return (Raw(x), Beside(Math.ScaleB(Power(x), -53 + random.Next(-2, 3)), random), Raw(y));
            case 4: return (Short(random, 26), Short(random, 29), Short(random, 53));
            case 5: return (Short(random, 27), Short(random, 27), Raw(Math.ScaleB(x, -(50 + random.Next(0, 70)))));

            // Results among subnormals and at both ends.
            case 6: return (Raw(Near(random, 400, 80)), Raw(Near(random, 580, 80)), Raw(Near(random, 20, 40)));
            case 7: return (Raw(Near(random, 60, 60)), Raw(Near(random, 1070, 60)), random.Any() & 0x800FFFFFFFFFFFFF);
            case 8: return (Raw(Near(random, 1600, 80)), Raw(Near(random, 1460, 80)), Raw(Near(random, 2020, 26)));

            // Quotients and roots next to a number or a middle.
            case 9: return (Beside(x * y, random), Raw(y), Raw(x));
            case 10: return (Beside(x * x, random), Raw(x), Raw(y));

            // Whole numbers, halves, and what lies beside them.
            default: return (Beside(Math.Round(Near(random, 1060, 75)) * 0.5, random), Raw(y), random.Any() >> random.Next(0, 64));
        }
    }

    private static IEnumerable<ulong> Magnitudes()
    {
        ulong[] bases =
        [
            0, 0x0010000000000000, 0x0008000000000000, 0x3FE0000000000000, One, 0x3FF8000000000000, 0x4000000000000000, 0x4330000000000000, 0x4340000000000000,
            0x41E0000000000000, 0x43E0000000000000, 0x43F0000000000000, 0x47F0000000000000, 0x3810000000000000, 0x3690000000000000, 0x36A0000000000000,
            0x1FF0000000000000, 0x5FE0000000000000,
        ];
        foreach (ulong at in bases)
        {
            yield return at;
            yield return at + 1;
            yield return at == 0 ? 2 : at - 1;
        }

        yield return 0x7FEFFFFFFFFFFFFF;
        yield return 0x7FF0000000000000;
        yield return 0x7FF8000000000000;
        yield return 0x7FF0000000000001;
        yield return 0x3FF5555555555555;
        yield return 0x3FFFFFFFE0000000;
        yield return 0x47EFFFFFF0000000;
    }

    // Within reach of an exponent, as far as there are such, of both signs; half of them with long runs of zeros or ones.
    private static double Near(Numbers random, int exponent, int reach)
    {
        ulong fraction = random.Any() & 0xFFFFFFFFFFFFF;
        ulong run = ((1UL << random.Next(0, 53)) - 1) ^ ((1UL << random.Next(0, 53)) - 1);
        ulong bits = random.Next(0, 4) switch { 0 => run, 1 => fraction & ~run, 2 => fraction | run, _ => fraction };
        return Number(((ulong)random.Next(0, 2) << 63) | ((ulong)Math.Clamp(exponent + random.Next(-reach, reach), 0, 2046) << 52) | (bits & 0xFFFFFFFFFFFFF));
    }

    // A number of few bits.
    private static ulong Short(Numbers random, int bits)
        => (Raw(Near(random, 1023, 60)) & ~((1UL << (53 - bits)) - 1)) | (random.Next(0, 3) == 0 ? 1UL << (53 - bits) : 0);

    // A number, or one up to two units of the last place away.
    private static ulong Beside(double x, Numbers random) => unchecked(Raw(x) + (ulong)random.Next(-2, 3));

    private static double Power(double x) => Number(Raw(x) & 0xFFF0000000000000);

    private static double Number(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong Raw(double x) => BitConverter.DoubleToUInt64Bits(x);

    private static ulong Bits(double x) => Raw(Real.Canonical(x));

    private static ulong Bit(bool holds, int place) => holds ? 1UL << place : 0;

    private sealed class Numbers(ulong seed)
    {
        private long _given;

        public ulong Any() => Vectors.Random(seed, _given++);

        public int Next(int low, int high) => low + (int)(Any() % (ulong)(high - low));
    }
}
