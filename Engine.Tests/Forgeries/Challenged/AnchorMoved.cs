using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>Bytes move from the anchor into the beacon id.</summary>
internal sealed class AnchorMoved : IForgery
{
    /// <inheritdoc/>
    public string Code => "C12";

    /// <inheritdoc/>
    public string Attack => "bytes move from the anchor into the beacon id";

    /// <inheritdoc/>
    public Reason Reason => Reason.ChallengeNotValid;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Asked(scene, scene.Challenge with
        {
            Anchor = scene.Challenge.Anchor[..^1],
            BeaconId = (char)scene.Challenge.Anchor[^1] + scene.Challenge.BeaconId,
        });
}
