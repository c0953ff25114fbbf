using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>The anchor is changed after the proof was made.</summary>
internal sealed class AnchorChangedLater : IForgery
{
    /// <inheritdoc/>
    public string Code => "C12";

    /// <inheritdoc/>
    public string Attack => "the anchor is changed after the proof was made";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotBound;

    /// <inheritdoc/>
    public string Says => "another challenge";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene) with { Challenge = (scene.Challenge with { Anchor = [] }).ToArray() };
}
