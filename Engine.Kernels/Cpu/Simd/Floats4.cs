using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Simd;

/// <summary>Four lanes: the same text as the other widths over <see cref="Vector128{T}"/>.</summary>
internal readonly unsafe struct Floats4(Vector128<float> value) : IFloats<Floats4>
{
    private readonly Vector128<float> _v = value;

    public static int Lanes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Of(float x) => new(Vector128.Create(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 OfInt(int x) => new(Vector128.Create(x).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Load(float* from) => new(Vector128.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(from);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Floats4 x) => x._v.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator +(Floats4 a, Floats4 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator -(Floats4 a, Floats4 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator *(Floats4 a, Floats4 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator /(Floats4 a, Floats4 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Fma(Floats4 a, Floats4 b, Floats4 c) => new(Vector128.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(float* to, float* from, Floats4 factor, Floats4 sum)
    {
        Vector128<float> x = Vector128.FusedMultiplyAdd(factor._v, sum._v, Vector128.Load(from));
        Vector128.ConditionalSelect(Vector128.Equals(x, x), x, Vector128.Create(Real.NaNF32Bits).AsSingle()).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fma(float* x, Floats4 left, Floats4 right, ref Floats4 leftSum, ref Floats4 rightSum)
    {
        Vector128<float> all = Vector128.Create(*x);
        leftSum = new(Vector128.FusedMultiplyAdd(all, left._v, leftSum._v));
        rightSum = new(Vector128.FusedMultiplyAdd(all, right._v, rightSum._v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Sqrt(Floats4 x) => new(Vector128.Sqrt(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Max(Floats4 a, Floats4 b) => new(Vector128.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Min(Floats4 a, Floats4 b) => new(Vector128.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Canonical(Floats4 x)
        => new(Vector128.ConditionalSelect(Vector128.Equals(x._v, x._v), x._v, Vector128.Create(Real.NaNF32Bits).AsSingle()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Round(Floats4 x) => new(Vector128.Round(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Floor(Floats4 x) => new(Vector128.Floor(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Ceiling(Floats4 x) => new(Vector128.Ceiling(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Truncate(Floats4 x) => new(Vector128.Truncate(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Less(Floats4 a, Floats4 b) => new(Vector128.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 LessOrEqual(Floats4 a, Floats4 b) => new(Vector128.LessThanOrEqual(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Equal(Floats4 a, Floats4 b) => new(Vector128.Equals(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Select(Floats4 mask, Floats4 a, Floats4 b) => new(Vector128.ConditionalSelect(mask._v, a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 And(Floats4 a, Floats4 b) => new(a._v & b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Or(Floats4 a, Floats4 b) => new(a._v | b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Xor(Floats4 a, Floats4 b) => new(a._v ^ b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 FromInt(Floats4 x) => new(Vector128.ConvertToSingle(x._v.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 ToInt(Floats4 x) => new(Vector128.ConvertToInt32(x._v).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 AddInt(Floats4 a, Floats4 b) => new((a._v.AsInt32() + b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 SubtractInt(Floats4 a, Floats4 b) => new((a._v.AsInt32() - b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 ShiftLeftInt(Floats4 x, int count) => new((x._v.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 MultiplyInt(Floats4 a, Floats4 b) => new((a._v.AsInt32() * b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 LoadBytes(byte* from, bool signed)
    {
        Vector128<int> four = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(from));
        return signed
            ? new(Vector128.WidenLower(Vector128.WidenLower(four.AsSByte())).AsSingle())
            : new(Vector128.WidenLower(Vector128.WidenLower(four.AsByte())).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 LoadWords(ushort* from, bool signed)
    {
        Vector128<long> four = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(from));
        return signed ? new(Vector128.WidenLower(four.AsInt16()).AsSingle()) : new(Vector128.WidenLower(four.AsUInt16()).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* to, Floats4 x)
    {
        Vector128<short> words = Vector128.Narrow(x._v.AsInt32(), x._v.AsInt32());
        Unsafe.WriteUnaligned(to, Vector128.Narrow(words, words).AsInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(ushort* to, Floats4 x)
        => Unsafe.WriteUnaligned(to, Vector128.Narrow(x._v.AsInt32(), x._v.AsInt32()).AsInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 EqualInt(Floats4 a, Floats4 b) => new(Vector128.Equals(a._v.AsInt32(), b._v.AsInt32()).AsSingle());
}
