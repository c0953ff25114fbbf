using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>The trace leaf of another node is opened as that of the accused.</summary>
internal sealed class LeafOfAnotherNode : IForgery
{
    /// <inheritdoc/>
    public string Code => "C4";

    /// <inheritdoc/>
    public string Attack => "the trace leaf of another node is opened as that of the accused";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "Trace: WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        int other = scene.Receipt.TraceLeaves.ToList().FindIndex(leaf => leaf.Length != scene.Receipt.TraceLeaves[0].Length);
        if (other < 0)
        {
            return null;
        }

        FraudProof accusation = Forge.Accuse(scene, Reason.WrongShape, default);
        Openings? openings = Forge.Lists(accusation.Openings, list => list.Kind != TreeKind.Trace ? null
            : list with { Proof = new MultiProof([0], [scene.Receipt.TraceLeaves[other]], list.Proof.Siblings) });
        return (accusation with { Openings = openings! }).ToFile();
    }
}
