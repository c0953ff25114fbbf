using System;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>Which intermediate values are committed. The choice is written into the records; the name only informs.</summary>
public enum Policy
{
    /// <summary>atomic/1: every output of every node that is not a view.</summary>
    Atomic = 1,

    /// <summary>compact/1: what is cheap to compute again is not committed, as long as no check exceeds its bound.</summary>
    Compact = 2,

    /// <summary>compact/2: what a check needs and no more. What is pulled once is recomputed in its reader, what is cheap or short in all its
    /// readers.</summary>
    Compact2 = 3,
}

/// <summary>Names of policies.</summary>
public static class Policies
{
    /// <summary>A policy's name with its version: <c>compact/2</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No policy.</exception>
    public static string Name(this Policy policy) => policy switch
    {
        Policy.Atomic => "atomic/1",
        Policy.Compact => "compact/1",
        Policy.Compact2 => "compact/2",
        _ => throw new ArgumentOutOfRangeException(nameof(policy)),
    };
}
