using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A tree is opened twice.</summary>
internal sealed class TreeTwice : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "a tree is opened twice";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "trees do not ascend";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Answer(scene, scene.Proof.Openings with { Lists = scene.Proof.Openings.Lists.Insert(0, scene.Proof.Openings.Lists[0]) });
}
