using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A multiproof has a sibling that nothing asks for.</summary>
internal sealed class SiblingSurplus : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "a multiproof has a sibling that nothing asks for";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "SiblingCount";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.TensorProofs(scene, proof => new MultiProof(proof.Indices, proof.Leaves, proof.Siblings.Add(default)));
}
