using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage says that it took in another node's value.</summary>
internal sealed class BoundaryRenamed : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage says that it took in another node's value";

    /// <inheritdoc/>
    public Reason Reason => Reason.StagesApart;

    /// <inheritdoc/>
    public string Says => "took in another value";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Taken(scene, leaves => leaves.IsEmpty ? null : leaves.SetItem(0, Staging.Leaf(leaves[0], leaf => leaf with { Slot = leaf.Slot + 1 })));
}
