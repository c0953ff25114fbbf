using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A tensor is opened twice.</summary>
internal sealed class TensorTwice : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "a tensor is opened twice";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "tensors do not ascend";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        scene.Proof.Openings.Tensors.IsEmpty ? null
            : Forge.Answer(scene, scene.Proof.Openings with { Tensors = scene.Proof.Openings.Tensors.Insert(0, scene.Proof.Openings.Tensors[0]) });
}
