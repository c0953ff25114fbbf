using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>The openings for one round answer another.</summary>
internal sealed class RoundChanged : IForgery
{
    /// <inheritdoc/>
    public string Code => "C12";

    /// <inheritdoc/>
    public string Attack => "the openings for one round answer another";

    /// <inheritdoc/>
    public Reason Reason => Reason.Incomplete;

    /// <inheritdoc/>
    public string Says => "is not opened";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Relabelled(scene, scene.Challenge with { Round = scene.Challenge.Round + 1 });
}
