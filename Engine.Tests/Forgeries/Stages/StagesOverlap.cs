using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>Two stages have run the same records.</summary>
internal sealed class StagesOverlap : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "two stages have run the same records";

    /// <inheritdoc/>
    public Reason Reason => Reason.StagesApart;

    /// <inheritdoc/>
    public string Says => "somebody else ran records from";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Of(scene).Length < 3 || Staging.Of(scene, 1) is not [StageFile longer, ..] || longer.Receipt.End <= Staging.Of(scene)[0].Receipt.End ? null
            : Staging.Files(scene, Staging.Of(scene).SetItem(0, longer));
}
