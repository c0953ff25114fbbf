#pragma warning disable CS1718
using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Simd;

/// <summary>One lane: remainders, and machines without vectors or without fused multiply-add.</summary>
internal readonly unsafe struct Floats1(float value) : IFloats<Floats1>
{
    private readonly float _v = value;

    public static int Lanes => 1;

    private uint Bits => BitConverter.SingleToUInt32Bits(_v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Of(float x) => new(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 OfInt(int x) => new(BitConverter.Int32BitsToSingle(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Load(float* from) => new(*from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Floats1 x) => *to = x._v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 operator +(Floats1 a, Floats1 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 operator -(Floats1 a, Floats1 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 operator *(Floats1 a, Floats1 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 operator /(Floats1 a, Floats1 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Fma(Floats1 a, Floats1 b, Floats1 c) => new(float.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(float* to, float* from, Floats1 factor, Floats1 sum)
        => *to = Real.Canonical(float.FusedMultiplyAdd(factor._v, sum._v, *from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fma(float* x, Floats1 left, Floats1 right, ref Floats1 leftSum, ref Floats1 rightSum)
    {
        leftSum = new(float.FusedMultiplyAdd(*x, left._v, leftSum._v));
        rightSum = new(float.FusedMultiplyAdd(*x, right._v, rightSum._v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Sqrt(Floats1 x) => new(float.Sqrt(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Max(Floats1 a, Floats1 b) => new(Real.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Min(Floats1 a, Floats1 b) => new(Real.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Canonical(Floats1 x) => new(Real.Canonical(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Round(Floats1 x) => new(float.Round(x._v, MidpointRounding.ToEven));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Floor(Floats1 x) => new(float.Floor(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Ceiling(Floats1 x) => new(float.Ceiling(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Truncate(Floats1 x) => new(float.Truncate(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Less(Floats1 a, Floats1 b) => Mask(a._v < b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 LessOrEqual(Floats1 a, Floats1 b) => Mask(a._v <= b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Equal(Floats1 a, Floats1 b) => Mask(a._v == b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Select(Floats1 mask, Floats1 a, Floats1 b) => OfBits((mask.Bits & a.Bits) | (~mask.Bits & b.Bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 And(Floats1 a, Floats1 b) => OfBits(a.Bits & b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Or(Floats1 a, Floats1 b) => OfBits(a.Bits | b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 Xor(Floats1 a, Floats1 b) => OfBits(a.Bits ^ b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 FromInt(Floats1 x) => new((int)x.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 ToInt(Floats1 x) => OfInt(Real.ToI32(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 AddInt(Floats1 a, Floats1 b) => OfBits(a.Bits + b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 SubtractInt(Floats1 a, Floats1 b) => OfBits(a.Bits - b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 ShiftLeftInt(Floats1 x, int count) => OfBits(x.Bits << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 MultiplyInt(Floats1 a, Floats1 b) => OfBits(a.Bits * b.Bits);

    // The shifts are for the JIT: of a narrow load whose bits become a float it makes a load of four bytes (seen in .NET 10.0).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 LoadBytes(byte* from, bool signed) => OfInt(signed ? (*from << 24) >> 24 : (*from << 24) >>> 24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 LoadWords(ushort* from, bool signed) => OfInt(signed ? (*from << 16) >> 16 : (*from << 16) >>> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* to, Floats1 x) => *to = (byte)x.Bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(ushort* to, Floats1 x) => *to = (ushort)x.Bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats1 EqualInt(Floats1 a, Floats1 b) => Mask(a.Bits == b.Bits);

    private static Floats1 Mask(bool set) => OfBits(set ? uint.MaxValue : 0);

    private static Floats1 OfBits(uint bits) => new(BitConverter.UInt32BitsToSingle(bits));
}
