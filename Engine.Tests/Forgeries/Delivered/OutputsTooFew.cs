using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>The last output leaf is missing, under a root that fits what is left.</summary>
internal sealed class OutputsTooFew : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "the last output leaf is missing, under a root that fits what is left";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Forge.Bound(scene, scene.Receipt.OutputLeaves[..^1]);
}
