using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Simd;

/// <summary>Two doubles in one 128-bit vector.</summary>
internal readonly struct Doubles2(Vector128<double> lanes) : IFloatLanes<Doubles2>
{
    private readonly Vector128<double> _lanes = lanes;

    /// <inheritdoc/>
    public static int Count => 2;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator +(Doubles2 a, Doubles2 b) =>
        new(a._lanes + b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator -(Doubles2 a, Doubles2 b) =>
        new(a._lanes - b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator *(Doubles2 a, Doubles2 b) =>
        new(a._lanes * b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator /(Doubles2 a, Doubles2 b) =>
        new(a._lanes / b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator &(Doubles2 a, Doubles2 b) =>
        new(a._lanes & b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator |(Doubles2 a, Doubles2 b) =>
        new(a._lanes | b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator ^(Doubles2 a, Doubles2 b) =>
        new(a._lanes ^ b._lanes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator <<(Doubles2 a, int count) =>
        new((a._lanes.AsInt64() << count).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 operator >>>(Doubles2 a, int count) =>
        new((a._lanes.AsInt64() >>> count).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Splat(double value) =>
        new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 SplatBits(long bits) =>
        new(Vector128.Create(bits).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Fma(Doubles2 a, Doubles2 b, Doubles2 c) =>
        new(Vector128.FusedMultiplyAdd(a._lanes, b._lanes, c._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Sqrt(Doubles2 a) =>
        new(Vector128.Sqrt(a._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Abs(Doubles2 a) =>
        new(Vector128.Abs(a._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 AddBits(Doubles2 a, Doubles2 b) =>
        new((a._lanes.AsInt64() + b._lanes.AsInt64()).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 SubtractBits(Doubles2 a, Doubles2 b) =>
        new((a._lanes.AsInt64() - b._lanes.AsInt64()).AsDouble());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Less(Doubles2 a, Doubles2 b) =>
        new(Vector128.LessThan(a._lanes, b._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Equal(Doubles2 a, Doubles2 b) =>
        new(Vector128.Equals(a._lanes, b._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Choose(Doubles2 mask, Doubles2 yes, Doubles2 no) =>
        new(Vector128.ConditionalSelect(mask._lanes, yes._lanes, no._lanes));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Doubles2 Load(ref float source)
    {
        double both = Unsafe.ReadUnaligned<double>(ref Unsafe.As<float, byte>(ref source));
        return new Doubles2(Vector128.WidenLower(Vector128.CreateScalar(both).AsSingle()));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryStore(Doubles2 low, Doubles2 high, ref float target)
    {
        Vector128<float> ends = Vector128.Narrow(low._lanes, high._lanes);
        Vector128<float> proper = Vector128.Equals(ends, ends);
        ends = Vector128.ConditionalSelect(proper, ends, Vector128.Create(Real.NaNF32));
        Vector128<double> pairs = ends.AsDouble();
        long first = pairs.AsInt64().ToScalar();
        if (first != pairs.AsInt64().GetElement(1))
        {
            return false;
        }

        Unsafe.WriteUnaligned(ref Unsafe.As<float, byte>(ref target), first);
        return true;
    }
}
