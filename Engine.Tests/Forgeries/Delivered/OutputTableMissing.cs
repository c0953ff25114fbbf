using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A receipt comes without its output leaves.</summary>
internal sealed class OutputTableMissing : IForgery
{
    /// <inheritdoc/>
    public string Code => "C3";

    /// <inheritdoc/>
    public string Attack => "a receipt comes without its output leaves";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene) with { Receipt = (scene.Receipt with { OutputLeaves = [] }).ToArray() };
}
