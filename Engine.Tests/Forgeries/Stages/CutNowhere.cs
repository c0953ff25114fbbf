using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage ends where the graph cannot be cut.</summary>
internal sealed class CutNowhere : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage ends where the graph cannot be cut";

    /// <inheritdoc/>
    public Reason Reason => Reason.StagesApart;

    /// <inheritdoc/>
    public string Says => "the graph cannot be cut there";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Of(scene) is not [StageFile first, StageFile second, ..] || Moved(scene, first, second) is not StageFile[] moved ? null
            : Staging.Files(scene, [.. moved, .. Staging.Of(scene)[2..]]);

    // The first stage has the first records of the second, up to where there is no cut.
    private static StageFile[]? Moved(Scene scene, StageFile first, StageFile second)
    {
        int end = first.Receipt.End;
        int count = Enumerable.Range(1, second.TraceLeaves.Length - 1).FirstOrDefault(count => !scene.Statement.Graph.Cuts().IsRange(0, end + count));
        return count == 0 ? null :
        [
            Staging.Rooted(scene, first with
            {
                Receipt = first.Receipt with { End = end + count },
                TraceLeaves = [.. first.TraceLeaves, .. second.TraceLeaves[..count]],
            }),
            Staging.Rooted(scene, second with { Receipt = second.Receipt with { First = end + count }, TraceLeaves = second.TraceLeaves[count..] }),
        ];
    }
}
