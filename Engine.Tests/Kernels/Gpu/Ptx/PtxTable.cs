using System.Numerics;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>What an instruction without side effects does to the bits of its operands. Results are zero-extended.</summary>
internal delegate ulong PtxFunction(ulong a, ulong b, ulong c);

/// <summary>An instruction that reads and writes registers only.</summary>
/// <param name="Function">What it does.</param>
/// <param name="Result">Bits of the result's register.</param>
/// <param name="Sources">Bits of the operands' registers.</param>
/// <param name="Wider">Whether registers may be wider, the result's then extended by its type: cvt.</param>
/// <param name="Signed">Whether the result is extended by its sign.</param>
internal sealed record PtxRow(PtxFunction Function, int Result, int[] Sources, bool Wider = false, bool Signed = false);

/// <summary>The instructions that the machine knows, by their whole names, as the PTX ISA manual (release 8.7, section 9.7) defines them.
/// Float arithmetic has only the forms that round to nearest and keep subnormals; there is no approximate one to be found here.</summary>
internal static partial class PtxTable
{
    private const int Predicate = 1;

    private static readonly Dictionary<string, PtxRow> Rows = [];

    static PtxTable()
    {
        Integers<short>("s16");
        Integers<ushort>("u16");
        Integers<int>("s32");
        Integers<uint>("u32");
        Integers<long>("s64");
        Integers<ulong>("u64");
        Bits("pred", Predicate);
        Bits("b16", 16);
        Bits("b32", 32);
        Bits("b64", 64);
        Moves();
        Fields();
        Dots();
        Floats<float>("f32");
        Floats<double>("f64");
        Conversions();
    }

    /// <summary>The row of an instruction, null where there is none.</summary>
    public static PtxRow? Find(string opcode) => Rows.GetValueOrDefault(opcode);

    private static void Add(string name, int result, int[] sources, PtxFunction function) => Rows.Add(name, new PtxRow(function, result, sources));

    private static ulong Truth(bool value) => value ? 1UL : 0;

    private static void Integers<T>(string type)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        unchecked
        {
            int width = T.AllBitsSet.GetByteCount() * 8;
            bool signed = T.MinValue < T.Zero;
            ulong mask = ulong.MaxValue >> (64 - width);

            T In(ulong bits) => T.CreateTruncating(bits);
            ulong Out(T value) => ulong.CreateTruncating(value) & mask;
            T Divisor(ulong bits) => In(bits) is T divisor && divisor != T.Zero ? divisor : throw new DivideByZeroException("divides by zero");
            T High(ulong a, ulong b)
            {
                Int128 product = Int128.CreateTruncating(In(a)) * Int128.CreateTruncating(In(b));
                return signed || width < 64 ? T.CreateTruncating(product >> width) : T.CreateTruncating(((UInt128)a * b) >> 64);
            }

            Add($"add.{type}", width, [width, width], (a, b, _) => Out(In(a) + In(b)));
            Add($"sub.{type}", width, [width, width], (a, b, _) => Out(In(a) - In(b)));
            Add($"mul.lo.{type}", width, [width, width], (a, b, _) => Out(In(a) * In(b)));
            Add($"mul.hi.{type}", width, [width, width], (a, b, _) => Out(High(a, b)));
            Add($"mad.lo.{type}", width, [width, width, width], (a, b, c) => Out((In(a) * In(b)) + In(c)));
            Add($"mad.hi.{type}", width, [width, width, width], (a, b, c) => Out(High(a, b) + In(c)));
            Add($"div.{type}", width, [width, width], (a, b, _) => Out(In(a) / Divisor(b)));
            Add($"rem.{type}", width, [width, width], (a, b, _) => Out(In(a) % Divisor(b)));
            Add($"min.{type}", width, [width, width], (a, b, _) => Out(T.Min(In(a), In(b))));
            Add($"max.{type}", width, [width, width], (a, b, _) => Out(T.Max(In(a), In(b))));
            Add($"shr.{type}", width, [width, 32], (a, b, _) => Out(b < (ulong)width ? In(a) >> (int)b : signed ? In(a) >> (width - 1) : T.Zero));
            Add($"mov.{type}", width, [width], (a, _, _) => a);
            Add($"selp.{type}", width, [width, width, Predicate], (a, b, c) => c != 0 ? a : b);
            Add($"setp.eq.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) == In(b)));
            Add($"setp.ne.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) != In(b)));
            Add($"setp.lt.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) < In(b)));
            Add($"setp.le.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) <= In(b)));
            Add($"setp.gt.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) > In(b)));
            Add($"setp.ge.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) >= In(b)));
            if (signed)
            {
                Add($"neg.{type}", width, [width], (a, _, _) => Out(T.Zero - In(a)));
                Add($"abs.{type}", width, [width], (a, _, _) => Out(In(a) < T.Zero ? T.Zero - In(a) : In(a)));
            }

            if (width < 64)
            {
                ulong wide = ulong.MaxValue >> (64 - (2 * width));
                Add($"mul.wide.{type}", 2 * width, [width, width], (a, b, _) => (ulong.CreateTruncating(In(a)) * ulong.CreateTruncating(In(b))) & wide);
                Add($"mad.wide.{type}", 2 * width, [width, width, 2 * width],
                    (a, b, c) => ((ulong.CreateTruncating(In(a)) * ulong.CreateTruncating(In(b))) + c) & wide);
            }
        }
    }

    private static void Bits(string type, int width)
    {
        ulong mask = ulong.MaxValue >> (64 - width);
        Add($"and.{type}", width, [width, width], (a, b, _) => a & b & mask);
        Add($"or.{type}", width, [width, width], (a, b, _) => (a | b) & mask);
        Add($"xor.{type}", width, [width, width], (a, b, _) => (a ^ b) & mask);
        Add($"not.{type}", width, [width], (a, _, _) => ~a & mask);
        Add($"mov.{type}", width, [width], (a, _, _) => a & mask);
        if (width != Predicate)
        {
            Add($"shl.{type}", width, [width, 32], (a, b, _) => b < (ulong)width ? (a << (int)b) & mask : 0);
            Add($"shr.{type}", width, [width, 32], (a, b, _) => b < (ulong)width ? (a & mask) >> (int)b : 0);
            Add($"selp.{type}", width, [width, width, Predicate], (a, b, c) => c != 0 ? a & mask : b & mask);
            Add($"setp.eq.{type}", Predicate, [width, width], (a, b, _) => Truth((a & mask) == (b & mask)));
            Add($"setp.ne.{type}", Predicate, [width, width], (a, b, _) => Truth((a & mask) != (b & mask)));
        }
    }

    private static void Moves()
    {
        foreach ((string type, int width) in new[] { ("f32", 32), ("f64", 64) })
        {
            Add($"mov.{type}", width, [width], (a, _, _) => a);
            Add($"selp.{type}", width, [width, width, Predicate], (a, b, c) => c != 0 ? a : b);
        }

        // Addresses are the same numbers in every space, so that a wrong space is seen where memory is touched.
        foreach (string space in (string[])["global", "shared", "local", "const"])
        {
            Add($"cvta.{space}.u64", 64, [64], (a, _, _) => a);
            Add($"cvta.to.{space}.u64", 64, [64], (a, _, _) => a);
        }
    }

    private static void Fields()
    {
        unchecked
        {
            Add("popc.b32", 32, [32], (a, _, _) => (ulong)BitOperations.PopCount((uint)a));
            Add("popc.b64", 32, [64], (a, _, _) => (ulong)BitOperations.PopCount(a));
            Add("clz.b32", 32, [32], (a, _, _) => (ulong)BitOperations.LeadingZeroCount((uint)a));
            Add("clz.b64", 32, [64], (a, _, _) => (ulong)BitOperations.LeadingZeroCount(a));
            Add("brev.b32", 32, [32], (a, _, _) => Reverse(a) >> 32);
            Add("brev.b64", 64, [64], (a, _, _) => Reverse(a));
            Add("bfe.u32", 32, [32, 32, 32], (a, b, c) => Extract((uint)a, (int)(b & 255), (int)(c & 255), 32, signed: false));
            Add("bfe.s32", 32, [32, 32, 32], (a, b, c) => Extract((uint)a, (int)(b & 255), (int)(c & 255), 32, signed: true));
            Add("bfe.u64", 64, [64, 32, 32], (a, b, c) => Extract(a, (int)(b & 255), (int)(c & 255), 64, signed: false));
            Add("bfe.s64", 64, [64, 32, 32], (a, b, c) => Extract(a, (int)(b & 255), (int)(c & 255), 64, signed: true));
            foreach (string type in (string[])["b32", "u32", "s32"])
            {
                Rows.TryAdd($"shf.l.wrap.{type}", new((a, b, c) => (uint)((((b << 32) | (uint)a) << (int)(c & 31)) >> 32), 32, [32, 32, 32]));
                Rows.TryAdd($"shf.r.wrap.{type}", new((a, b, c) => (uint)(((b << 32) | (uint)a) >> (int)(c & 31)), 32, [32, 32, 32]));
            }

            Add("shf.l.clamp.b32", 32, [32, 32, 32], (a, b, c) => c < 32 ? (uint)((((b << 32) | (uint)a) << (int)c) >> 32) : (uint)a);
            Add("shf.r.clamp.b32", 32, [32, 32, 32], (a, b, c) => c < 32 ? (uint)(((b << 32) | (uint)a) >> (int)c) : (uint)b);
            Add("prmt.b32", 32, [32, 32, 32], Permute);
        }
    }

    private static void Dots()
    {
        unchecked
        {
            Add("dp4a.s32.s32", 32, [32, 32, 32], (a, b, c) => Dot(a, b, c, aSigned: true, bSigned: true));
            Add("dp4a.s32.u32", 32, [32, 32, 32], (a, b, c) => Dot(a, b, c, aSigned: true, bSigned: false));
            Add("dp4a.u32.s32", 32, [32, 32, 32], (a, b, c) => Dot(a, b, c, aSigned: false, bSigned: true));
            Add("dp4a.u32.u32", 32, [32, 32, 32], (a, b, c) => Dot(a, b, c, aSigned: false, bSigned: false));
        }
    }

    private static ulong Dot(ulong a, ulong b, ulong c, bool aSigned, bool bSigned)
    {
        unchecked
        {
            int sum = (int)c;
            for (int i = 0; i < 4; i++)
            {
                sum += Lane(a, i, aSigned) * Lane(b, i, bSigned);
            }

            return (uint)sum;
        }
    }

    /// <summary>Byte i of four, with its sign or without.</summary>
    public static int Lane(ulong bits, int i, bool signed)
    {
        byte lane = unchecked((byte)(bits >> (8 * i)));
        return signed ? unchecked((sbyte)lane) : lane;
    }

    private static ulong Reverse(ulong value)
    {
        ulong result = 0;
        for (int i = 0; i < 64; i++)
        {
            result |= ((value >> i) & 1) << (63 - i);
        }

        return result;
    }

    // Bits from position on, length of them; what lies above the operand is its sign, or 0. The sign is the topmost bit that is there.
    private static ulong Extract(ulong value, int position, int length, int width, bool signed)
    {
        int top = Math.Min(position + length - 1, width - 1);
        bool negative = signed && length > 0 && ((value >> top) & 1) != 0;
        ulong result = 0;
        for (int i = 0; i < width; i++)
        {
            bool inside = i < length && position + i < width;
            bool bit = inside ? ((value >> (position + i)) & 1) != 0 : negative;
            result |= Truth(bit) << i;
        }

        return result;
    }

    // Each nibble of the selector names a byte of {b, a}; its high bit asks for the byte's sign in all bits.
    private static ulong Permute(ulong a, ulong b, ulong selector)
    {
        ulong bytes = (b << 32) | (a & uint.MaxValue);
        ulong result = 0;
        for (int i = 0; i < 4; i++)
        {
            int nibble = (int)((selector >> (4 * i)) & 15);
            ulong chosen = (bytes >> (8 * (nibble & 7))) & 255;
            result |= ((nibble & 8) == 0 ? chosen : chosen >= 128 ? 255UL : 0) << (8 * i);
        }

        return result;
    }
}
