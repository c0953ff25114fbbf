using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A trace leaf has an output that its record recomputes.</summary>
internal sealed class TraceOutputSurplus : IForgery
{
    /// <inheritdoc/>
    public string Code => "C4";

    /// <inheritdoc/>
    public string Attack => "a trace leaf has an output that its record recomputes";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongShape;

    /// <inheritdoc/>
    public string Says => "is not what record";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] recomputed = [.. Forge.Outputs(scene, output => output.Resolution == Resolution.Recomputed)];
        if (recomputed.Length == 0)
        {
            return null;
        }

        (int node, int slot, _) = recomputed[0];
        TraceEntry entry = new(slot, new TensorCommitment(scene.Statement.Graph.TypeOf(node, slot), default));
        return Forge.Traced(scene, node, new TraceLeaf([entry]).ToArray());
    }
}
