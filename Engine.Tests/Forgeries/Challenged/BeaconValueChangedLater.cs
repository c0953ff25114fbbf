using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>The challenge is changed after its proof was made.</summary>
internal sealed class BeaconValueChangedLater : IForgery
{
    /// <inheritdoc/>
    public string Code => "C12";

    /// <inheritdoc/>
    public string Attack => "the challenge is changed after its proof was made";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotBound;

    /// <inheritdoc/>
    public string Says => "another challenge";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene) with { Challenge = (scene.Challenge with { Value = Ids.Of("beacon value", [2]) }).ToArray() };
}
