using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A receipt comes with the table of a run on other inputs.</summary>
internal sealed class TableOfAnotherReceipt : IForgery
{
    /// <inheritdoc/>
    public string Code => "C3";

    /// <inheritdoc/>
    public string Attack => "a receipt comes with the table of a run on other inputs";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ReceiptFile other = Another.Inputs(scene, random).Receipt;
        return Forge.Files(scene) with { Receipt = (other with { Receipt = scene.Receipt.Receipt }).ToArray() };
    }
}
