using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A record is opened with the bytes of another node's.</summary>
internal sealed class RecordOfAnotherNode : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a record is opened with the bytes of another node's";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        scene.Records().Length < 2 ? null : Forge.Answer(scene, Forge.Lists(scene.Proof.Openings, list => list.Kind != TreeKind.Graph ? null
            : list with { Proof = new MultiProof(list.Proof.Indices, list.Proof.Leaves.SetItem(0, Another(scene, list.Proof)), list.Proof.Siblings) })!);

    private static ReadOnlyMemory<byte> Another(Scene scene, MultiProof proof) => 
        scene.Statement.RecordBytes[((int)proof.Indices[0] + 1) % scene.Records().Length];
}
