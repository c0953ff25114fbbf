using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Simd;

/// <summary>Eight lanes: the same text as the other widths over <see cref="Vector256{T}"/>.</summary>
internal readonly unsafe struct Floats8(Vector256<float> value) : IFloats<Floats8>
{
    private readonly Vector256<float> _v = value;

    public static int Lanes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Of(float x) => new(Vector256.Create(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 OfInt(int x) => new(Vector256.Create(x).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Load(float* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(from);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Floats8 x) => x._v.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 operator +(Floats8 a, Floats8 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 operator -(Floats8 a, Floats8 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 operator *(Floats8 a, Floats8 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 operator /(Floats8 a, Floats8 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Fma(Floats8 a, Floats8 b, Floats8 c) => new(Vector256.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(float* to, float* from, Floats8 factor, Floats8 sum)
    {
        Vector256<float> x = Vector256.FusedMultiplyAdd(factor._v, sum._v, Vector256.Load(from));
        Vector256.ConditionalSelect(Vector256.Equals(x, x), x, Vector256.Create(Real.NaNF32Bits).AsSingle()).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fma(float* x, Floats8 left, Floats8 right, ref Floats8 leftSum, ref Floats8 rightSum)
    {
        Vector256<float> all = Vector256.Create(*x);
        leftSum = new(Vector256.FusedMultiplyAdd(all, left._v, leftSum._v));
        rightSum = new(Vector256.FusedMultiplyAdd(all, right._v, rightSum._v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Sqrt(Floats8 x) => new(Vector256.Sqrt(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Max(Floats8 a, Floats8 b) => new(Vector256.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Min(Floats8 a, Floats8 b) => new(Vector256.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Canonical(Floats8 x)
        => new(Vector256.ConditionalSelect(Vector256.Equals(x._v, x._v), x._v, Vector256.Create(Real.NaNF32Bits).AsSingle()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Round(Floats8 x) => new(Vector256.Round(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Floor(Floats8 x) => new(Vector256.Floor(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Ceiling(Floats8 x) => new(Vector256.Ceiling(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Truncate(Floats8 x) => new(Vector256.Truncate(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Less(Floats8 a, Floats8 b) => new(Vector256.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 LessOrEqual(Floats8 a, Floats8 b) => new(Vector256.LessThanOrEqual(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Equal(Floats8 a, Floats8 b) => new(Vector256.Equals(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Select(Floats8 mask, Floats8 a, Floats8 b) => new(Vector256.ConditionalSelect(mask._v, a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 And(Floats8 a, Floats8 b) => new(a._v & b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Or(Floats8 a, Floats8 b) => new(a._v | b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 Xor(Floats8 a, Floats8 b) => new(a._v ^ b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 FromInt(Floats8 x) => new(Vector256.ConvertToSingle(x._v.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 ToInt(Floats8 x) => new(Vector256.ConvertToInt32(x._v).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 AddInt(Floats8 a, Floats8 b) => new((a._v.AsInt32() + b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 SubtractInt(Floats8 a, Floats8 b) => new((a._v.AsInt32() - b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 ShiftLeftInt(Floats8 x, int count) => new((x._v.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 MultiplyInt(Floats8 a, Floats8 b) => new((a._v.AsInt32() * b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 LoadBytes(byte* from, bool signed)
    {
        Vector128<byte> eight = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(from)).AsByte();
        if (Avx2.IsSupported)
        {
            return new((signed ? Avx2.ConvertToVector256Int32(eight.AsSByte()) : Avx2.ConvertToVector256Int32(eight)).AsSingle());
        }

        return signed
            ? new(Vector256.WidenLower(Vector128.WidenLower(eight.AsSByte()).ToVector256Unsafe()).AsSingle())
            : new(Vector256.WidenLower(Vector128.WidenLower(eight).ToVector256Unsafe()).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 LoadWords(ushort* from, bool signed)
    {
        Vector256<ushort> eight = Vector128.Load(from).ToVector256Unsafe();
        return signed ? new(Vector256.WidenLower(eight.AsInt16()).AsSingle()) : new(Vector256.WidenLower(eight).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* to, Floats8 x)
    {
        Vector128<short> words = Vector128.Narrow(x._v.AsInt32().GetLower(), x._v.AsInt32().GetUpper());
        Unsafe.WriteUnaligned(to, Vector128.Narrow(words, words).AsInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(ushort* to, Floats8 x)
        => Vector128.Narrow(x._v.AsInt32().GetLower(), x._v.AsInt32().GetUpper()).AsUInt16().Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats8 EqualInt(Floats8 a, Floats8 b) => new(Vector256.Equals(a._v.AsInt32(), b._v.AsInt32()).AsSingle());
}
