using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>Trace root and outputs root change places.</summary>
internal sealed class RootsSwapped : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "trace root and outputs root change places";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Delivered(scene, scene.Receipt with
        {
            Receipt = scene.Receipt.Receipt with { TraceRoot = scene.Receipt.Receipt.OutputsRoot, OutputsRoot = scene.Receipt.Receipt.TraceRoot },
        });
}
