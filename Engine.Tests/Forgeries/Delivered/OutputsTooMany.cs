using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>There is an output leaf more, under a root that fits it.</summary>
internal sealed class OutputsTooMany : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "there is an output leaf more, under a root that fits it";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Bound(scene, scene.Receipt.OutputLeaves.Add(scene.Receipt.OutputLeaves[0]));
}
