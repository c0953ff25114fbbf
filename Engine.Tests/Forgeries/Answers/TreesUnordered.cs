using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The trees of a proof descend.</summary>
internal sealed class TreesUnordered : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "the trees of a proof descend";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "trees do not ascend";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        scene.Proof.Openings.Lists.Length < 2 ? null
            : Forge.Answer(scene, scene.Proof.Openings with { Lists = [.. scene.Proof.Openings.Lists.Reverse()] });
}
