using System.Collections.Immutable;

using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>Two trace leaves change places, under a root that fits them.</summary>
internal sealed class TraceLeavesSwapped : IForgery
{
    /// <inheritdoc/>
    public string Code => "C4";

    /// <inheritdoc/>
    public string Attack => "two trace leaves change places, under a root that fits them";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongShape;

    /// <inheritdoc/>
    public string Says => "is not what record";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ImmutableArray<ReadOnlyMemory<byte>> leaves = scene.Receipt.TraceLeaves;
        int other = leaves.ToList().FindIndex(leaf => leaf.Length != leaves[0].Length);
        return other < 0 ? null : Forge.Traced(scene, leaves.SetItem(0, leaves[other]).SetItem(other, leaves[0]));
    }
}
