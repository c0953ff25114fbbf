using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>Nobody ran a stage in the middle.</summary>
internal sealed class MiddleStageMissing : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "nobody ran a stage in the middle";

    /// <inheritdoc/>
    public Reason Reason => Reason.StagesApart;

    /// <inheritdoc/>
    public string Says => "nobody ran the records from";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Of(scene).Length < 3 ? null : Staging.Files(scene, Staging.Of(scene).RemoveAt(1));
}
