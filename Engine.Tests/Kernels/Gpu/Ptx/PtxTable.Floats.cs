using System.Numerics;
using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

internal static partial class PtxTable
{
    // A NaN that arithmetic makes: on the devices 0x7fffffff, whatever went in. Not our one NaN, so a kernel that forgets to make it canonical is seen.
    private const uint NaN32 = 0x7FFFFFFF;
    private const ulong NaN64 = 0x7FFFFFFFFFFFFFFF;

    private static float F32(ulong bits) => BitConverter.UInt32BitsToSingle(unchecked((uint)bits));

    private static double F64(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong Of(float value) => float.IsNaN(value) ? NaN32 : BitConverter.SingleToUInt32Bits(value);

    private static ulong Of(double value) => double.IsNaN(value) ? NaN64 : BitConverter.DoubleToUInt64Bits(value);

    private static void Floats<T>(string type)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int width = PtxParser.Width(type);
        ulong sign = 1UL << (width - 1);
        ulong quiet = typeof(T) == typeof(float) ? NaN32 : NaN64;

        T In(ulong bits) => typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>(F32(bits)) : Unsafe.BitCast<double, T>(F64(bits));
        ulong Out(T value) => typeof(T) == typeof(float) ? Of(Unsafe.BitCast<T, float>(value)) : Of(Unsafe.BitCast<T, double>(value));
        bool Ordered(ulong a, ulong b) => !T.IsNaN(In(a)) && !T.IsNaN(In(b));

        Add($"add.rn.{type}", width, [width, width], (a, b, _) => Out(In(a) + In(b)));
        Add($"sub.rn.{type}", width, [width, width], (a, b, _) => Out(In(a) - In(b)));
        Add($"mul.rn.{type}", width, [width, width], (a, b, _) => Out(In(a) * In(b)));
        Add($"fma.rn.{type}", width, [width, width, width], (a, b, c) => Out(T.FusedMultiplyAdd(In(a), In(b), In(c))));
        Add($"div.rn.{type}", width, [width, width], (a, b, _) => Out(In(a) / In(b)));
        Add($"rcp.rn.{type}", width, [width], (a, _, _) => Out(T.One / In(a)));
        Add($"sqrt.rn.{type}", width, [width], (a, _, _) => Out(T.Sqrt(In(a))));
        Add($"neg.{type}", width, [width], (a, _, _) => T.IsNaN(In(a)) ? quiet : a ^ sign);
        Add($"abs.{type}", width, [width], (a, _, _) => T.IsNaN(In(a)) ? quiet : a & (sign - 1));
        Add($"copysign.{type}", width, [width, width], (a, b, _) => (a & sign) | (b & (sign - 1)));
        Add($"setp.num.{type}", Predicate, [width, width], (a, b, _) => Truth(Ordered(a, b)));
        Add($"setp.nan.{type}", Predicate, [width, width], (a, b, _) => Truth(!Ordered(a, b)));
        Add($"setp.eq.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) == In(b)));
        Add($"setp.ne.{type}", Predicate, [width, width], (a, b, _) => Truth(Ordered(a, b) && In(a) != In(b)));
        Add($"setp.lt.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) < In(b)));
        Add($"setp.le.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) <= In(b)));
        Add($"setp.gt.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) > In(b)));
        Add($"setp.ge.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) >= In(b)));
        Add($"setp.equ.{type}", Predicate, [width, width], (a, b, _) => Truth(!Ordered(a, b) || In(a) == In(b)));
        Add($"setp.neu.{type}", Predicate, [width, width], (a, b, _) => Truth(In(a) != In(b)));
        Add($"setp.ltu.{type}", Predicate, [width, width], (a, b, _) => Truth(!(In(a) >= In(b))));
        Add($"setp.leu.{type}", Predicate, [width, width], (a, b, _) => Truth(!(In(a) > In(b))));
        Add($"setp.gtu.{type}", Predicate, [width, width], (a, b, _) => Truth(!(In(a) <= In(b))));
        Add($"setp.geu.{type}", Predicate, [width, width], (a, b, _) => Truth(!(In(a) < In(b))));
    }

    private static void Conversions()
    {
        (string Type, int Width, bool Signed)[] integers =
            [("u8", 8, false), ("s8", 8, true), ("u16", 16, false), ("s16", 16, true), ("u32", 32, false),
                ("s32", 32, true), ("u64", 64, false), ("s64", 64, true)];
        (string Name, MidpointRounding Mode)[] roundings =
            [("rni", MidpointRounding.ToEven), ("rzi", MidpointRounding.ToZero), ("rmi", MidpointRounding.ToNegativeInfinity),
                ("rpi", MidpointRounding.ToPositiveInfinity)];
        foreach ((string type, int width, bool signed) in integers)
        {
            foreach ((string from, int source, bool fromSigned) in integers.Where(other => other.Type != type))
            {
                Rows.Add($"cvt.{type}.{from}", new PtxRow((a, _, _) => Low(Extended(a, source, fromSigned), width), width, [source], Wider: true, signed));
                Convert($"cvt.sat.{type}.{from}", width, source, signed,
                    bits => Clamp(
                        fromSigned ? unchecked((long)Extended(bits, source, fromSigned)) : (Int128)Extended(bits, source, fromSigned), width, signed));
            }

            Convert($"cvt.rn.f32.{type}", 32, width, signed: false, bits => Of((float)ToDouble(Whole(bits, width, signed), kept: 53)));
            Convert($"cvt.rn.f64.{type}", 64, width, signed: false, bits => Of(ToDouble(Whole(bits, width, signed), kept: 63)));
            foreach ((string name, MidpointRounding mode) in roundings)
            {
                foreach (string saturation in (string[])["", ".sat"])
                {
                    Convert($"cvt.{name}{saturation}.{type}.f32", width, 32, signed,
                        bits => ToInteger(Math.Round((double)F32(bits), mode), width, signed, NaNBits(32, width)));
                    Convert($"cvt.{name}{saturation}.{type}.f64", width, 64, signed,
                        bits => ToInteger(Math.Round(F64(bits), mode), width, signed, NaNBits(64, width)));
                }
            }
        }

        foreach ((string name, MidpointRounding mode) in roundings)
        {
            Convert($"cvt.{name}.f32.f32", 32, 32, signed: false, bits => Of((float)Math.Round((double)F32(bits), mode)));
            Convert($"cvt.{name}.f64.f64", 64, 64, signed: false, bits => Of(Math.Round(F64(bits), mode)));
        }

        Convert("cvt.f64.f32", 64, 32, signed: false, bits => Of((double)F32(bits)));
        Convert("cvt.rn.f32.f64", 32, 64, signed: false, bits => Of((float)F64(bits)));
        Convert("cvt.f32.f16", 32, 16, signed: false, bits => Of((float)BitConverter.UInt16BitsToHalf((ushort)Low(bits, 16))));
        Convert("cvt.f64.f16", 64, 16, signed: false, bits => Of((double)BitConverter.UInt16BitsToHalf((ushort)Low(bits, 16))));
        Convert("cvt.rn.f16.f32", 16, 32, signed: false, bits => OfHalf((Half)F32(bits)));
        Convert("cvt.rn.f16.f64", 16, 64, signed: false, bits => OfHalf((Half)F64(bits)));
    }

    private static void Convert(string name, int width, int source, bool signed, Func<ulong, ulong> convert) =>
        Rows.Add(name, new PtxRow((a, _, _) => convert(a), width, [source], Wider: true, signed));

    private static ulong OfHalf(Half value) => Half.IsNaN(value) ? 0x7FFFUL : BitConverter.HalfToUInt16Bits(value);

    private static ulong Low(ulong bits, int width) => bits & (ulong.MaxValue >> (64 - width));

    private static ulong Extended(ulong bits, int width, bool signed) =>
        signed ? unchecked((ulong)((long)(bits << (64 - width)) >> (64 - width))) : Low(bits, width);

    private static Int128 Whole(ulong bits, int width, bool signed) =>
        signed ? unchecked((long)Extended(bits, width, signed)) : (Int128)Low(bits, width);

    // To double; bits below the topmost ones that are kept become one bit that says whether any was set.
    // With 53 the result is exact enough to be rounded again.
    private static double ToDouble(Int128 value, int kept)
    {
        UInt128 magnitude = (UInt128)Int128.Abs(value);
        int dropped = Math.Max(0, 128 - kept - (int)UInt128.LeadingZeroCount(magnitude));
        UInt128 top = magnitude >> dropped;
        long whole = (long)(top | (top << dropped == magnitude ? UInt128.Zero : UInt128.One));
        double scaled = whole * (double)(1L << dropped);
        return value < 0 ? -scaled : scaled;
    }

    private static ulong Clamp(Int128 value, int width, bool signed)
    {
        Int128 least = signed ? -(Int128.One << (width - 1)) : 0;
        Int128 most = (Int128.One << (signed ? width - 1 : width)) - 1;
        return Low(unchecked((ulong)Int128.Clamp(value, least, most)), width);
    }

    // Section 9.7.9.21: 0, but the lowest number (with one bit set) where 64 bits are on either side.
    private static ulong NaNBits(int source, int width) => source == 64 || width == 64 ? 1UL << (width - 1) : 0;

    private static ulong ToInteger(double whole, int width, bool signed, ulong nan) =>
        double.IsNaN(whole) ? nan : Clamp((Int128)Math.Clamp(whole, -1e30, 1e30), width, signed);
}
