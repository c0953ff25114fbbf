using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>A challenge draws fewer elements than the statement asks for.</summary>
internal sealed class SamplesFewer : IForgery
{
    /// <inheritdoc/>
    public string Code => "C8";

    /// <inheritdoc/>
    public string Attack => "a challenge draws fewer elements than the statement asks for";

    /// <inheritdoc/>
    public Reason Reason => Reason.ChallengeNotValid;

    /// <inheritdoc/>
    public string Says => "fewer samples";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Asked(scene, scene.Challenge with { Samples = scene.Challenge.Samples - 1 });
}
