using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage's trace leaf is no leaf.</summary>
internal sealed class StageLeafGarbage : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage's trace leaf is no leaf";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongShape;

    /// <inheritdoc/>
    public string Says => "is not what record";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Changed(scene, stage => stage with { TraceLeaves = stage.TraceLeaves.SetItem(0, new byte[] { 1 }) });
}
