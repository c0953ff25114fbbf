using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record counts less work before it.</summary>
internal sealed class SumsOfWorkWrong : IForgery
{
    /// <inheritdoc/>
    public string Code => "H5";

    /// <inheritdoc/>
    public string Attack => "a record counts less work before it";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "wrong sums";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Changed(scene, (record, index) => record.WorkBefore == 0 ? null : record with { WorkBefore = record.WorkBefore - 1 });
}
