using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Simd;

/// <summary>Sixteen lanes: the same text as the other widths over <see cref="Vector512{T}"/>.</summary>
internal readonly unsafe struct Floats16(Vector512<float> value) : IFloats<Floats16>
{
    private readonly Vector512<float> _v = value;

    public static int Lanes => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Of(float x) => new(Vector512.Create(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 OfInt(int x) => new(Vector512.Create(x).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Load(float* from) => new(Vector512.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(from);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* to, Floats16 x) => x._v.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator +(Floats16 a, Floats16 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator -(Floats16 a, Floats16 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator *(Floats16 a, Floats16 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator /(Floats16 a, Floats16 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Fma(Floats16 a, Floats16 b, Floats16 c) => new(Vector512.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(float* to, float* from, Floats16 factor, Floats16 sum)
    {
        Vector512<float> x = Vector512.FusedMultiplyAdd(factor._v, sum._v, Vector512.Load(from));
        Vector512.ConditionalSelect(Vector512.Equals(x, x), x, Vector512.Create(Real.NaNF32Bits).AsSingle()).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fma(float* x, Floats16 left, Floats16 right, ref Floats16 leftSum, ref Floats16 rightSum)
    {
        Vector512<float> all = Vector512.Create(*x);
        leftSum = new(Vector512.FusedMultiplyAdd(all, left._v, leftSum._v));
        rightSum = new(Vector512.FusedMultiplyAdd(all, right._v, rightSum._v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Sqrt(Floats16 x) => new(Vector512.Sqrt(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Max(Floats16 a, Floats16 b) => new(Vector512.Max(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Min(Floats16 a, Floats16 b) => new(Vector512.Min(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Canonical(Floats16 x)
        => new(Vector512.ConditionalSelect(Vector512.Equals(x._v, x._v), x._v, Vector512.Create(Real.NaNF32Bits).AsSingle()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Round(Floats16 x) => new(Vector512.Round(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Floor(Floats16 x) => new(Vector512.Floor(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Ceiling(Floats16 x) => new(Vector512.Ceiling(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Truncate(Floats16 x) => new(Vector512.Truncate(x._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Less(Floats16 a, Floats16 b) => new(Vector512.LessThan(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 LessOrEqual(Floats16 a, Floats16 b) => new(Vector512.LessThanOrEqual(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Equal(Floats16 a, Floats16 b) => new(Vector512.Equals(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Select(Floats16 mask, Floats16 a, Floats16 b) => new(Vector512.ConditionalSelect(mask._v, a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 And(Floats16 a, Floats16 b) => new(a._v & b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Or(Floats16 a, Floats16 b) => new(a._v | b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Xor(Floats16 a, Floats16 b) => new(a._v ^ b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 FromInt(Floats16 x) => new(Vector512.ConvertToSingle(x._v.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 ToInt(Floats16 x) => new(Vector512.ConvertToInt32(x._v).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 AddInt(Floats16 a, Floats16 b) => new((a._v.AsInt32() + b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 SubtractInt(Floats16 a, Floats16 b) => new((a._v.AsInt32() - b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 ShiftLeftInt(Floats16 x, int count) => new((x._v.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 MultiplyInt(Floats16 a, Floats16 b) => new((a._v.AsInt32() * b._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 LoadBytes(byte* from, bool signed)
    {
        Vector128<byte> sixteen = Vector128.Load(from);
        if (Avx512F.IsSupported)
        {
            return new((signed ? Avx512F.ConvertToVector512Int32(sixteen.AsSByte()) : Avx512F.ConvertToVector512Int32(sixteen)).AsSingle());
        }

        return signed
            ? new(Vector512.WidenLower(Vector256.WidenLower(sixteen.AsSByte().ToVector256Unsafe()).ToVector512Unsafe()).AsSingle())
            : new(Vector512.WidenLower(Vector256.WidenLower(sixteen.ToVector256Unsafe()).ToVector512Unsafe()).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 LoadWords(ushort* from, bool signed)
    {
        Vector512<ushort> sixteen = Vector256.Load(from).ToVector512Unsafe();
        return signed ? new(Vector512.WidenLower(sixteen.AsInt16()).AsSingle()) : new(Vector512.WidenLower(sixteen).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(byte* to, Floats16 x)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128Byte(x._v.AsInt32()).Store(to);
            return;
        }

        Vector256<short> words = Vector256.Narrow(x._v.AsInt32().GetLower(), x._v.AsInt32().GetUpper());
        Vector128.Narrow(words.GetLower(), words.GetUpper()).AsByte().Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(ushort* to, Floats16 x)
        => Vector256.Narrow(x._v.AsInt32().GetLower(), x._v.AsInt32().GetUpper()).AsUInt16().Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 EqualInt(Floats16 a, Floats16 b) => new(Vector512.Equals(a._v.AsInt32(), b._v.AsInt32()).AsSingle());
}
