namespace VerifiableCompute.Engine.Lowering;

/// <summary>Which intermediate values are committed. The choice is written into the records; the name only informs.</summary>
public enum Policy
{
    /// <summary>atomic/1: every output of every node that is not a view.</summary>
    Atomic = 1,

    /// <summary>compact/1: what is cheap to compute again is not committed, as long as no check exceeds its bound.</summary>
    Compact = 2,
}
