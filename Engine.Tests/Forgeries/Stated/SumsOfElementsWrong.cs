using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record counts one committed element more before it.</summary>
internal sealed class SumsOfElementsWrong : IForgery
{
    /// <inheritdoc/>
    public string Code => "H5";

    /// <inheritdoc/>
    public string Attack => "a record counts one committed element more before it";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "wrong sums";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Changed(scene, (record, index) => index == 0 ? null : record with { ElementsBefore = record.ElementsBefore + 1 });
}
