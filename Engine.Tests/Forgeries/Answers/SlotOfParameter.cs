using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A parameter is opened as slot 1 of itself.</summary>
internal sealed class SlotOfParameter : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a parameter is opened as slot 1 of itself";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "the commitment to";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        Openings? openings = Forge.Tensors(
            scene.Proof.Openings, tensor => tensor.Value.Kind == ValueKind.Node ? null : tensor with { Value = tensor.Value with { Slot = 1 } });
        return openings is null ? null : Forge.Answer(scene, openings);
    }
}
