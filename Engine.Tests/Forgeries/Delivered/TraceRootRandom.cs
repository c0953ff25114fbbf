using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>The trace root is 32 random bytes.</summary>
internal sealed class TraceRootRandom : IForgery
{
    /// <inheritdoc/>
    public string Code => "C1";

    /// <inheritdoc/>
    public string Attack => "the trace root is 32 random bytes";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Delivered(scene, scene.Receipt with { Receipt = scene.Receipt.Receipt with { TraceRoot = Ids.Of("root", [1]) } });
}
