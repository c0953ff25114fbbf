using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A receipt is for another statement.</summary>
internal sealed class ReceiptForAnotherStatement : IForgery
{
    /// <inheritdoc/>
    public string Code => "C8";

    /// <inheritdoc/>
    public string Attack => "a receipt is for another statement";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotBound;

    /// <inheritdoc/>
    public string Says => "the receipt is for another statement";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Delivered(scene, scene.Receipt with { Receipt = scene.Receipt.Receipt with { StatementId = Ids.Of("statement", [1]) } });
}
