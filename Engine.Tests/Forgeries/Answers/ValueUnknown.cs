using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A tensor of no kind of value is opened.</summary>
internal sealed class ValueUnknown : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a tensor of no kind of value is opened";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "a tensor is no value";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        scene.Proof.Openings.Tensors.IsEmpty ? null
            : Forge.Answer(scene, Forge.Tensors(scene.Proof.Openings, tensor => tensor with { Value = new ValueRef((ValueKind)4, 0) })!);
}
