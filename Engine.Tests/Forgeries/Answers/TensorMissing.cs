using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The leaves of a tensor that a check needs are not opened.</summary>
internal sealed class TensorMissing : IForgery
{
    /// <inheritdoc/>
    public string Code => "C1";

    /// <inheritdoc/>
    public string Attack => "the leaves of a tensor that a check needs are not opened";

    /// <inheritdoc/>
    public Reason Reason => Reason.Incomplete;

    /// <inheritdoc/>
    public string Says => "is not opened";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        scene.Proof.Openings.Tensors.IsEmpty ? null
            : Forge.Answer(scene, scene.Proof.Openings with { Tensors = scene.Proof.Openings.Tensors[..^1] });
}
