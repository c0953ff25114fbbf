using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A leaf of a tensor without leaves is opened.</summary>
internal sealed class EmptyOpened : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "a leaf of a tensor without leaves is opened";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "BeyondSize";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] empty = [.. Forge.Outputs(scene, output => output.Resolution == Resolution.Committed && output.Type.Elements == 0)];
        if (empty.Length == 0)
        {
            return null;
        }

        FraudProof accusation = Forge.Accuse(scene, Reason.WrongShape, empty[0]);
        TensorOpening opening = new(new ValueRef(ValueKind.Node, empty[0].Node, empty[0].Slot), new MultiProof([0], [(byte[])[]], []));
        return (accusation with { Accusation = Reason.WrongElement, Openings = accusation.Openings with { Tensors = [opening] } }).ToFile();
    }
}
