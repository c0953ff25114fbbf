using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>Two trace leaves of a stage change places.</summary>
internal sealed class StageLeafOfAnotherNode : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "two trace leaves of a stage change places";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongShape;

    /// <inheritdoc/>
    public string Says => "is not what record";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Changed(scene, stage => stage.TraceLeaves.Length < 2 || stage.TraceLeaves[0].Length == stage.TraceLeaves[^1].Length ? null
            : stage with { TraceLeaves = [stage.TraceLeaves[^1], .. stage.TraceLeaves[1..^1], stage.TraceLeaves[0]] });
}
