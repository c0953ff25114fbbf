using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The index of a leaf is the size of its tree.</summary>
internal sealed class LeafIndexBeyondSize : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "the index of a leaf is the size of its tree";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "BeyondSize";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Answer(scene, Forge.Lists(scene.Proof.Openings, list => list with
        {
            Proof = new MultiProof(list.Proof.Indices.SetItem(list.Proof.Indices.Length - 1, list.Size), list.Proof.Leaves, list.Proof.Siblings),
        })!);
}
