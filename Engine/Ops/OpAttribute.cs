using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>One attribute of an op: a list of 64-bit values. A float is its bits; a string is an enumeration's number.</summary>
/// <param name="Name">For people; not part of any record.</param>
/// <param name="Values">The values.</param>
public readonly record struct OpAttribute(string Name, params ImmutableArray<long> Values)
{
    /// <summary>A float attribute; a NaN is the canonical one.</summary>
    public static OpAttribute Of(string name, float value) => new(name, BitConverter.SingleToUInt32Bits(Real.Canonical(value)));

    /// <summary>A list attribute.</summary>
    public static OpAttribute Of(string name, ReadOnlySpan<long> values) => new(name, [.. values]);

    /// <summary>A flag.</summary>
    public static OpAttribute Of(string name, bool value) => new(name, value ? 1L : 0L);

    /// <summary>A value that is at least <paramref name="low"/> and at most <paramref name="high"/>.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    internal static long Held(string name, long value, long low, long high)
        => value >= low && value <= high ? value : throw Error.AttributeOutOfRange(name, value, low, high);

    /// <summary>An axis: 0 to the largest rank less 1.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    internal static int Axis(int value) => (int)Held("axis", value, 0, Limits.Rank - 1);

    /// <summary>Extents of one to six spatial axes.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    internal static ImmutableArray<long> Extents(string name, ImmutableArray<long> extents)
    {
        Held(name, extents.IsDefault ? 0 : extents.Length, 1, Limits.Rank - 2);
        foreach (long extent in extents)
        {
            Held(name, extent, 0, Limits.Elements);
        }

        return extents;
    }

    /// <summary>A number of groups.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    internal static long Groups(long value) => Held("groups", value, 1, Limits.Elements);

    /// <summary>As written in messages: <c>strides=2,2</c>.</summary>
    public override string ToString() => $"{Name}={string.Join(',', Values)}";
}
