using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>A challenge drawn for another receipt is answered.</summary>
internal sealed class ChallengeForAnotherReceipt : IForgery
{
    /// <inheritdoc/>
    public string Code => "C12";

    /// <inheritdoc/>
    public string Attack => "a challenge drawn for another receipt is answered";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotBound;

    /// <inheritdoc/>
    public string Says => "another statement or receipt";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Asked(scene, scene.Challenge with { ReceiptId = Ids.Of("receipt", [1]) });
}
