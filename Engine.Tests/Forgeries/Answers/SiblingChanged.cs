using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>One bit of a sibling is another.</summary>
internal sealed class SiblingChanged : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "one bit of a sibling is another";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Proofs(scene, proof => proof.Siblings.IsEmpty ? null
            : new MultiProof(proof.Indices, proof.Leaves, proof.Siblings.SetItem(0, Other(proof.Siblings[0]))));

    private static Digest Other(Digest digest)
    {
        byte[] bytes = digest.Span.ToArray();
        bytes[^1] ^= 0x80;
        return new Digest(bytes);
    }
}
