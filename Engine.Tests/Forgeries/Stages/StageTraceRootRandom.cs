using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage's trace root is that of nothing.</summary>
internal sealed class StageTraceRootRandom : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage's trace root is that of nothing";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotDelivered;

    /// <inheritdoc/>
    public string Says => "not those under the receipt's roots";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Files(scene, Staging.Of(scene).SetItem(0, Staging.Of(scene)[0] with
        {
            Receipt = Staging.Of(scene)[0].Receipt with { TraceRoot = Ids.Of("root", [1]) },
        }));
}
