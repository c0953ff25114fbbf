using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>A prover issues its receipt anew to draw other elements, and answers the old ones.</summary>
internal sealed class IssuedGround : IForgery
{
    /// <inheritdoc/>
    public string Code => "C12";

    /// <inheritdoc/>
    public string Attack => "a prover issues its receipt anew to draw other elements, and answers the old ones";

    /// <inheritdoc/>
    public Reason Reason => Reason.Incomplete;

    /// <inheritdoc/>
    public string Says => "is not opened";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ReceiptFile later = scene.Receipt with { Receipt = scene.Receipt.Receipt with { Issued = 1 } };
        SpotFiles? files = Forge.Relabelled(scene, scene.Challenge with { ReceiptId = later.Receipt.Id });
        return files is null ? null : files with { Receipt = later.ToArray() };
    }
}
