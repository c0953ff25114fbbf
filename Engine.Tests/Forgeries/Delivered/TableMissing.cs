using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A receipt comes without its table.</summary>
internal sealed class TableMissing : IForgery
{
    /// <inheritdoc/>
    public string Code => "C3";

    /// <inheritdoc/>
    public string Attack => "a receipt comes without its table";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene) with { Receipt = (scene.Receipt with { TraceLeaves = [], OutputLeaves = [] }).ToArray() };
}
