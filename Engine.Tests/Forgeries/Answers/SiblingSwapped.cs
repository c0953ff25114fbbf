using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>Two siblings of a multiproof change places.</summary>
internal sealed class SiblingSwapped : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "two siblings of a multiproof change places";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Proofs(scene, proof => proof.Siblings.Length < 2 || proof.Siblings[0] == proof.Siblings[1] ? null
            : new MultiProof(proof.Indices, proof.Leaves, proof.Siblings.SetItem(0, proof.Siblings[1]).SetItem(1, proof.Siblings[0])));
}
