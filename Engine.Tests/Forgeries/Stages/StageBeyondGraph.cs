using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage ran records that the graph does not have.</summary>
internal sealed class StageBeyondGraph : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage ran records that the graph does not have";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public string Says => "not those under the receipt's roots";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Changed(scene, stage => stage with
        {
            Receipt = stage.Receipt with { End = stage.Receipt.End + 1 },
            TraceLeaves = stage.TraceLeaves.Add(new TraceLeaf([]).ToArray()),
        });
}
