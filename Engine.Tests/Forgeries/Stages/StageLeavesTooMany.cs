using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage has a trace leaf beyond its range.</summary>
internal sealed class StageLeavesTooMany : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage has a trace leaf beyond its range";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public string Says => "not those under the receipt's roots";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Changed(scene, stage => stage with { TraceLeaves = stage.TraceLeaves.Add(new TraceLeaf([]).ToArray()) });
}
