using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A tree has another size beside the same tree hash.</summary>
internal sealed class SizeChanged : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "a tree has another size beside the same tree hash";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Answer(scene, Forge.Lists(scene.Proof.Openings, list => list with { Size = list.Size + 1 })!);
}
