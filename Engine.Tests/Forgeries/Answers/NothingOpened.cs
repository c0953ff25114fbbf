using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A multiproof opens no leaf.</summary>
internal sealed class NothingOpened : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "a multiproof opens no leaf";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "Empty";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Forge.Proofs(scene, proof => new MultiProof([], [], proof.Siblings));
}
