using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Simd;

/// <summary>Four doubles in one 256-bit vector.</summary>
internal readonly struct Doubles4(Vector256<double> lanes) : IFloatLanes<Doubles4>
{
    private readonly Vector256<double> _lanes = lanes;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator +(Doubles4 a, Doubles4 b) =>
        new(a._lanes + b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator -(Doubles4 a, Doubles4 b) =>
        new(a._lanes - b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator *(Doubles4 a, Doubles4 b) =>
        new(a._lanes * b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator /(Doubles4 a, Doubles4 b) =>
        new(a._lanes / b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator &(Doubles4 a, Doubles4 b) =>
        new(a._lanes & b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator |(Doubles4 a, Doubles4 b) =>
        new(a._lanes | b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator ^(Doubles4 a, Doubles4 b) =>
        new(a._lanes ^ b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator <<(Doubles4 a, int count) =>
        new((a._lanes.AsInt64() << count).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 operator >>>(Doubles4 a, int count) =>
        new((a._lanes.AsInt64() >>> count).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Splat(double value) =>
        new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 SplatBits(long bits) =>
        new(Vector256.Create(bits).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Fma(Doubles4 a, Doubles4 b, Doubles4 c) =>
        new(Vector256.FusedMultiplyAdd(a._lanes, b._lanes, c._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Sqrt(Doubles4 a) =>
        new(Vector256.Sqrt(a._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Abs(Doubles4 a) =>
        new(Vector256.Abs(a._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 AddBits(Doubles4 a, Doubles4 b) =>
        new((a._lanes.AsInt64() + b._lanes.AsInt64()).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 SubtractBits(Doubles4 a, Doubles4 b) =>
        new((a._lanes.AsInt64() - b._lanes.AsInt64()).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Less(Doubles4 a, Doubles4 b) =>
        new(Vector256.LessThan(a._lanes, b._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Equal(Doubles4 a, Doubles4 b) =>
        new(Vector256.Equals(a._lanes, b._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Choose(Doubles4 mask, Doubles4 yes, Doubles4 no) =>
        new(Vector256.ConditionalSelect(mask._lanes, yes._lanes, no._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles4 Load(ref float source)
    {
        Vector128<float> floats = Vector128.LoadUnsafe(ref source);
        return new Doubles4(Avx.IsSupported
            ? Avx.ConvertToVector256Double(floats)
            : Vector256.Create(Vector128.WidenLower(floats), Vector128.WidenUpper(floats)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryStore(Doubles4 low, Doubles4 high, ref float target)
    {
        Vector128<float> value = Narrow(low._lanes);
        Vector128<float> proper = Vector128.Equals(value, value);
        Vector128<float> agreed = Vector128.Equals(value, Narrow(high._lanes)) | ~proper;
        if (!Vector128.EqualsAll(agreed.AsInt32(), Vector128<int>.AllBitsSet))
        {
            return false;
        }

        Vector128.ConditionalSelect(proper, value, Vector128.Create(Real.NaNF32)).StoreUnsafe(ref target);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Narrow(Vector256<double> lanes) => Avx.IsSupported
        ? Avx.ConvertToVector128Single(lanes)
        : Vector128.Narrow(lanes.GetLower(), lanes.GetUpper());
}
