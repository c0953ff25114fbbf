using System;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Gpu.Admission;

/// <summary>What Texts/Admission.cl must give: the same primitives in C#, and the inputs on which they are tried.</summary>
internal static class KnownAnswers
{
    /// <summary>Number of primitives.</summary>
    internal const int Primitives = 52;

    /// <summary>Names of the primitives, for people.</summary>
    internal static readonly string[] Names =
    [
        "a + b", "a - b", "a * b", "a * b + c, two roundings", "c - a * b, two roundings", "fma", "a / b", "a / 3", "sqrt", "1 / a", "rint", "floor", "ceil",
        "i32 to f32", "u32 to f32", "i64 to f32", "u64 to f32", "f32 to i32", "f32 to u8", "f32 to i64", "error of a + b", "products through subnormals",
        "a + b + c", "max", "min", "abs", "comparisons", "f32 to f16", "f32 to bf16", "f16 to f32", "high product", "shifts and products of integers",
        "products of narrow integers", "f64 product and sum", "f64 fma", "f64 quotient", "f64 sqrt", "f64 roundings", "f64 to odd f32", "f64 error of a sum",
        "f64 sum, whole", "f64 difference, whole", "f64 product, whole", "f64 product, subnormal", "f64 fma, whole", "f64 fma, subnormal",
        "f64 quotient, whole", "f64 sqrt, whole", "f64 roundings, whole", "64-bit integers to f64", "f64 to f32", "f64 comparisons",
    ];

    // 2^-1000.
    private const double Tiny = 9.332636185032189E-302;

    private static readonly uint[] Specials =
    [
        0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF, 0x807FFFFF, 0x00800000, 0x80800000, 0x3F800000, 0xBF800000, 0x3F800001, 0x3F7FFFFF,
        0x40400000, 0x4B000000, 0x4B800000, 0xCB800001, 0x4F000000, 0xCF000000, 0x4F800000, 0x5F000000, 0x5F800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000,
        0xFF800000, 0x7FC00000, 0x33800000, 0x1F800000, 0x477FE000, 0x477FF000, 0x38800000, 0x33000000, 0x3EAAAAAB, 0x3DCCCCCD, 0x42FF0000, 0x437F0000,
    ];

    /// <summary>Triple <paramref name="index"/> of the inputs, as bits: every triple of special numbers first, then numbers that cancel, whose product
    /// is subnormal, whose quotient or root lies near one that can be stored, halves, and any bits at all.</summary>
    internal static (uint A, uint B, uint C) Inputs(int index)
    {
        int n = Specials.Length;
        if (index < n * n * n)
        {
            return (Specials[index % n], Specials[index / n % n], Specials[index / n / n]);
        }

        Philox random = new(0xADA, stream: 1, position: 0);
        uint Word(int k) => random.Word(((long)index * 8) + k);
        float Near(int k, int low, int high)
            => BitConverter.UInt32BitsToSingle((Word(k) & 0x807FFFFF) | ((uint)(127 + low + (Word(k + 4) % (uint)(high - low))) << 23));
        static uint Any(uint bits) => Bits(BitConverter.UInt32BitsToSingle(bits));
        static uint Bits(float x) => BitConverter.SingleToUInt32Bits(Real.Canonical(x));
        (float a, float b) = (Near(0, -20, 20), Near(1, -20, 20));
        return (index % 8) switch
        {
            0 => (Bits(a), Bits(b), Bits(-(a * b))),
            1 => (Bits(a), Bits(b), Bits(float.BitIncrement(-(a * b)))),
            2 => (Bits(Near(0, -80, -55)), Bits(Near(1, -80, -55)), Bits(Near(2, -149 + 23, -120))),
            3 => (Bits(a * b), Bits(b), Bits(Near(2, -30, 30))),
            4 => (Bits(a * a), Bits(a), Bits(b)),
            5 => (Bits(float.Floor(a * 64) * 0.5f), Bits(b), Bits(float.Floor(Near(2, 0, 20)) * 0.5f)),
            6 => (Bits(Near(0, -126, 127)), Bits(Near(1, -126, 127)), Bits(Near(2, -126, 127))),
            _ => (Any(Word(0)), Any(Word(1)), Any(Word(2))),
        };
    }

    /// <summary>What the primitives give for a triple, in the order of the text.</summary>
    internal static void Of((uint A, uint B, uint C) input, Span<uint> r)
    {
        (uint ua, uint ub, uint uc) = input;
        (float a, float b, float c) = (BitConverter.UInt32BitsToSingle(ua), BitConverter.UInt32BitsToSingle(ub), BitConverter.UInt32BitsToSingle(uc));
        (double da, double db, double dc) = (a, b, c);
        ulong both = ((ulong)ua << 32) | ub;
        float ab = a * b;
        float s = a + b;
        float t = s - a;
        float scaled = a * BitConverter.UInt32BitsToSingle(0x0D800000);
        scaled *= BitConverter.UInt32BitsToSingle(0x2B800000);
        scaled *= BitConverter.UInt32BitsToSingle(0x5F800000);
        double dab = da * db;
        double small = db * 1e-9;
        double u = da + small;
        double v = u - da;
        double x = Filled(da, ub);
        double y = Filled(db, uc);
        double z = Filled(dc, ua);
        ReadOnlySpan<uint> answers =
        [
            F(a + b), F(a - b), F(ab), F(ab + c), F(c - ab), F(float.FusedMultiplyAdd(a, b, c)), F(a / b), F(a / 3f), F(float.Sqrt(a)), F(1f / a),
            F(float.Round(a, MidpointRounding.ToEven)), F(float.Floor(a)), F(float.Ceiling(a)),
            F(Real.ToF32((long)(int)ua)), F(Real.ToF32((ulong)ua)), F(Real.ToF32((long)both)), F(Real.ToF32(both)),
            (uint)Real.ToI32(da), Real.ToU8(da), (uint)Real.ToI64(da) ^ (uint)(Real.ToI64(da) >> 32),
            F((a - (s - t)) + (b - t)), F(scaled), F(a + b + c + 0f), F(Real.Max(a, b)), F(Real.Min(a, b)), F(float.Abs(a)),
            Bit(a < b, 0) | Bit(a <= b, 1) | Bit(a == b, 2) | Bit(a > b, 3) | Bit(a >= b, 4),
            Real.ToF16(a), Real.ToBF16(a), F(Real.FromF16((ushort)ua)), (uint)(((ulong)ua * ub) >> 32),
            (uint)((((ulong)ua * ub) + uc) >> 7) ^ (uint)((int)ua >> (int)(uc & 31)) ^ (ua << (int)(uc & 31)) ^ (ub >> (int)(ua & 31)),
            (uint)(((sbyte)ua * (sbyte)ub) + (short)uc),
            D(dab + dc), D(Math.FusedMultiplyAdd(da, db, -dab)), D((da + (1e-3 * db)) / dc), D(Math.Sqrt(dab + dc)),
            D(Math.Round(da * 0.3, MidpointRounding.ToEven) - Math.Floor(db * 0.7) + Math.Ceiling(dc * 0.9)),
            F(Odd((da * 1.1) + db)), D((da - (u - v)) + (small - v)),
            W(x + y), W(x - z), W(x * y), W(x * Tiny * y), W(Math.FusedMultiplyAdd(x, y, z)), W(Math.FusedMultiplyAdd(x * Tiny, y, z * Tiny)), W(x / y),
            W(Math.Sqrt(x)), W(Math.Round(x, MidpointRounding.ToEven)) + (3 * W(Math.Floor(y))) + (5 * W(Math.Ceiling(z))),
            W(Real.ToF64((long)both)) + (3 * W(Real.ToF64(both))), D(x) ^ D(x * y),
            Bit(x < y, 0) | Bit(x <= y, 1) | Bit(x == y, 2) | Bit(x > y, 3) | Bit(x >= y, 4),
        ];
        answers.CopyTo(r);
    }

    /// <summary>What the kernel halves gives for the first of each 32 numbers.</summary>
    internal static float Halves(ReadOnlySpan<float> lanes)
    {
        Span<float> sums = stackalloc float[32];
        lanes.CopyTo(sums);
        for (int half = 16; half > 0; half /= 2)
        {
            for (int lane = 0; lane < half; lane++)
            {
                sums[lane] += sums[lane + half];
            }
        }

        return sums[0];
    }

    /// <summary>Bits of the canonical number.</summary>
    internal static uint F(float x) => BitConverter.SingleToUInt32Bits(Real.Canonical(x));

    private static uint D(double x) => F((float)x);

    // All 64 bits.
    private static uint W(double x)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(Real.Canonical(x));
        return (uint)(bits >> 32) ^ (uint)bits;
    }

    // With a significand that no f32 has.
    private static double Filled(double x, uint word) => BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(x) | (word & 0x1FFFFFFF));

    private static uint Bit(bool holds, int place) => holds ? 1u << place : 0;

    // Toward zero, the last bit set where x lies between two.
    private static float Odd(double x)
    {
        float y = (float)x;
        if (y == x || double.IsNaN(x))
        {
            return y;
        }

        uint bits = BitConverter.SingleToUInt32Bits(y);
        return BitConverter.UInt32BitsToSingle((Math.Abs((double)y) > Math.Abs(x) ? bits - 1 : bits) | 1);
    }
}
