using System;
using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>One lane: the scalar meaning of every text written against <see cref="IDoubles{TSelf}"/>.</summary>
/// <param name="Value">The double, or a mask as the double of those bits.</param>
public readonly record struct OneDouble(double Value) : IDoubles<OneDouble>
{
    /// <inheritdoc/>
    public static int Count => 1;

    private long Bits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BitConverter.DoubleToInt64Bits(Value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble operator +(OneDouble a, OneDouble b) => new(a.Value + b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble operator -(OneDouble a, OneDouble b) => new(a.Value - b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble operator *(OneDouble a, OneDouble b) => new(a.Value * b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble operator /(OneDouble a, OneDouble b) => new(a.Value / b.Value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble operator &(OneDouble a, OneDouble b) => SplatBits(a.Bits & b.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble operator |(OneDouble a, OneDouble b) => SplatBits(a.Bits | b.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble operator ^(OneDouble a, OneDouble b) => SplatBits(a.Bits ^ b.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble operator <<(OneDouble a, int count) => SplatBits(a.Bits << count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble operator >>>(OneDouble a, int count) => SplatBits(a.Bits >>> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble Splat(double value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble SplatBits(long bits) => new(BitConverter.Int64BitsToDouble(bits));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble Fma(OneDouble a, OneDouble b, OneDouble c) =>
        new(double.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble Sqrt(OneDouble a) => new(double.Sqrt(a.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble Abs(OneDouble a) => new(double.Abs(a.Value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble AddBits(OneDouble a, OneDouble b) => SplatBits(unchecked(a.Bits + b.Bits));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble SubtractBits(OneDouble a, OneDouble b) => SplatBits(unchecked(a.Bits - b.Bits));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble Less(OneDouble a, OneDouble b) => SplatBits(a.Value < b.Value ? -1L : 0L);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble Equal(OneDouble a, OneDouble b) => SplatBits(a.Value == b.Value ? -1L : 0L);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneDouble Choose(OneDouble mask, OneDouble yes, OneDouble no) => mask.Bits != 0 ? yes : no;
}
