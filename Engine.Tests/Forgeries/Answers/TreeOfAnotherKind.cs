using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The trace is opened with the leaves and path of the graph.</summary>
internal sealed class TreeOfAnotherKind : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "the trace is opened with the leaves and path of the graph";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "Trace: WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        Openings openings = scene.Proof.Openings;
        int graph = openings.Lists.ToList().FindIndex(list => list.Kind == TreeKind.Graph);
        int trace = openings.Lists.ToList().FindIndex(list => list.Kind == TreeKind.Trace);
        return trace < 0 ? null : Forge.Answer(scene, openings with
        {
            Lists = openings.Lists.SetItem(trace, openings.Lists[graph] with { Kind = TreeKind.Trace }),
        });
    }
}
