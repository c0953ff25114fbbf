using System;
using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Ops;

/// <summary>One attribute of an op: a list of 64-bit values. A float is its bits; a string is an enumeration's number.</summary>
/// <param name="Name">For people; not part of any record.</param>
/// <param name="Values">The values.</param>
public readonly record struct OpAttribute(string Name, params ImmutableArray<long> Values)
{
    /// <summary>A float attribute.</summary>
    public static OpAttribute Of(string name, float value) => new(name, BitConverter.SingleToUInt32Bits(value));

    /// <summary>A list attribute.</summary>
    public static OpAttribute Of(string name, ReadOnlySpan<long> values) => new(name, [.. values]);

    /// <summary>A flag.</summary>
    public static OpAttribute Of(string name, bool value) => new(name, value ? 1L : 0L);

    /// <summary>As written in messages: <c>strides=2,2</c>.</summary>
    public override string ToString() => $"{Name}={string.Join(',', Values)}";
}
