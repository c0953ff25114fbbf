using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>The record under which an element would be wrong is another statement's.</summary>
internal sealed class RecordOfAnotherStatement : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "the record under which an element would be wrong is another statement's";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "Graph: WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        if (Forge.Element(scene, random) is not ElementRef element)
        {
            return null;
        }

        IReadOnlyList<ReadOnlyMemory<byte>> records =
        [
            .. scene.Statement.RecordBytes.Select((record, index) => index == element.Node
                ? (ReadOnlyMemory<byte>)RecordCodec.Write(index, scene.Records()[index] with { ElementsBefore = UInt128.MaxValue }) : record),
        ];
        FraudProof accusation = Forge.Accuse(scene, Reason.WrongElement, element);
        Openings? openings = Forge.Lists(accusation.Openings, list => list.Kind != TreeKind.Graph ? null : list with
        {
            Proof = MerkleTree.Of(scene.Suite(), TreeKind.Graph, records, PlainHasher.Instance).Open(list.Proof.Indices.AsSpan(), i => records[(int)i]),
        });
        return (accusation with { Openings = openings! }).ToFile();
    }
}
