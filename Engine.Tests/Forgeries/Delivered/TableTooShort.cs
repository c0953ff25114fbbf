using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>The table lacks its last leaf, under a root that fits it.</summary>
internal sealed class TableTooShort : IForgery
{
    /// <inheritdoc/>
    public string Code => "C3";

    /// <inheritdoc/>
    public string Attack => "the table lacks its last leaf, under a root that fits it";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Forge.Traced(scene, scene.Receipt.TraceLeaves[..^1]);
}
