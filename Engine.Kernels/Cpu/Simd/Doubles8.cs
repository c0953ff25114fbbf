using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Simd;

/// <summary>Eight doubles in one 512-bit vector.</summary>
internal readonly struct Doubles8(Vector512<double> lanes) : IFloatLanes<Doubles8>
{
    private readonly Vector512<double> _lanes = lanes;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator +(Doubles8 a, Doubles8 b) =>
        new(a._lanes + b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator -(Doubles8 a, Doubles8 b) =>
        new(a._lanes - b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator *(Doubles8 a, Doubles8 b) =>
        new(a._lanes * b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator /(Doubles8 a, Doubles8 b) =>
        new(a._lanes / b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator &(Doubles8 a, Doubles8 b) =>
        new(a._lanes & b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator |(Doubles8 a, Doubles8 b) =>
        new(a._lanes | b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator ^(Doubles8 a, Doubles8 b) =>
        new(a._lanes ^ b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator <<(Doubles8 a, int count) =>
        new((a._lanes.AsInt64() << count).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 operator >>>(Doubles8 a, int count) =>
        new((a._lanes.AsInt64() >>> count).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Splat(double value) =>
        new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 SplatBits(long bits) =>
        new(Vector512.Create(bits).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Fma(Doubles8 a, Doubles8 b, Doubles8 c) =>
        new(Vector512.FusedMultiplyAdd(a._lanes, b._lanes, c._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Sqrt(Doubles8 a) =>
        new(Vector512.Sqrt(a._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Abs(Doubles8 a) =>
        new(Vector512.Abs(a._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 AddBits(Doubles8 a, Doubles8 b) =>
        new((a._lanes.AsInt64() + b._lanes.AsInt64()).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 SubtractBits(Doubles8 a, Doubles8 b) =>
        new((a._lanes.AsInt64() - b._lanes.AsInt64()).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Less(Doubles8 a, Doubles8 b) =>
        new(Vector512.LessThan(a._lanes, b._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Equal(Doubles8 a, Doubles8 b) =>
        new(Vector512.Equals(a._lanes, b._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Choose(Doubles8 mask, Doubles8 yes, Doubles8 no) =>
        new(Vector512.ConditionalSelect(mask._lanes, yes._lanes, no._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles8 Load(ref float source)
    {
        Vector256<float> floats = Vector256.LoadUnsafe(ref source);
        return new Doubles8(Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Double(floats)
            : Vector512.Create(Vector256.WidenLower(floats), Vector256.WidenUpper(floats)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryStore(Doubles8 low, Doubles8 high, ref float target)
    {
        Vector256<float> value = Narrow(low._lanes);
        Vector256<float> proper = Vector256.Equals(value, value);
        Vector256<float> agreed = Vector256.Equals(value, Narrow(high._lanes)) | ~proper;
        if (!Vector256.EqualsAll(agreed.AsInt32(), Vector256<int>.AllBitsSet))
        {
            return false;
        }

        Vector256.ConditionalSelect(proper, value, Vector256.Create(Real.NaNF32)).StoreUnsafe(ref target);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Narrow(Vector512<double> lanes) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector256Single(lanes)
        : Vector256.Narrow(lanes.GetLower(), lanes.GetUpper());
}
