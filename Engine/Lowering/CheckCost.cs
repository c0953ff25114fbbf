using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>An upper bound of what checking one element takes. Sums saturate.</summary>
/// <param name="Leaves">Leaves opened, of tensors of every kind.</param>
/// <param name="Operations">Elements computed and elements pulled.</param>
/// <param name="Depth">Nodes on the longest path of recomputed values, the checked node included.</param>
public readonly record struct CheckCost(long Leaves, long Operations, int Depth)
{
    /// <summary>Whether a verifier may be asked for it.</summary>
    public bool IsWithinLimits => Leaves <= Limits.CheckLeaves && Operations <= Limits.CheckOperations && Depth <= Limits.CheckDepth;
}
