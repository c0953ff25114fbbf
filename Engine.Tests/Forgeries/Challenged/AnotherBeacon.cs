using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>A challenge comes from another beacon than the statement names.</summary>
internal sealed class AnotherBeacon : IForgery
{
    /// <inheritdoc/>
    public string Code => "C8";

    /// <inheritdoc/>
    public string Attack => "a challenge comes from another beacon than the statement names";

    /// <inheritdoc/>
    public Reason Reason => Reason.ChallengeNotValid;

    /// <inheritdoc/>
    public string Says => "another beacon";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Forge.Asked(scene, scene.Challenge with { BeaconId = "another" });
}
