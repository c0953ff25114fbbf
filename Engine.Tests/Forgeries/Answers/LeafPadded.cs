using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A leaf has a zero byte more.</summary>
internal sealed class LeafPadded : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "a leaf has a zero byte more";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "LeafLength";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.TensorProofs(
            scene, proof => new MultiProof(proof.Indices, proof.Leaves.SetItem(0, (byte[])[.. proof.Leaves[0].Span, 0]), proof.Siblings));
}
