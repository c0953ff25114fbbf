using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>A larger challenge is answered with the openings of a smaller one.</summary>
internal sealed class SamplesMoreThanAnswered : IForgery
{
    /// <inheritdoc/>
    public string Code => "H5";

    /// <inheritdoc/>
    public string Attack => "a larger challenge is answered with the openings of a smaller one";

    /// <inheritdoc/>
    public Reason Reason => Reason.Incomplete;

    /// <inheritdoc/>
    public string Says => "is not opened";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Forge.Relabelled(scene, scene.Challenge with { Samples = 400 });
}
