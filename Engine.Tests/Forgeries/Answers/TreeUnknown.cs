using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A list of tensor leaves is opened as a tree of its own.</summary>
internal sealed class TreeUnknown : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "a list of tensor leaves is opened as a tree of its own";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "trees do not ascend";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Answer(scene, Forge.Lists(scene.Proof.Openings, list => list with { Kind = TreeKind.Tensor })!);
}
