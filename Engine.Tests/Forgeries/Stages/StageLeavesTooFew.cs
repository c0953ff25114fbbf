using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage lacks a trace leaf of its range.</summary>
internal sealed class StageLeavesTooFew : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage lacks a trace leaf of its range";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public string Says => "not those under the receipt's roots";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Changed(scene, stage => stage with { TraceLeaves = stage.TraceLeaves[..^1] });
}
