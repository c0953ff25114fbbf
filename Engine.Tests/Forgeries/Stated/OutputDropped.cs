using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record has one output fewer than its op gives.</summary>
internal sealed class OutputDropped : IForgery
{
    /// <inheritdoc/>
    public string Code => "M1";

    /// <inheritdoc/>
    public string Attack => "a record has one output fewer than its op gives";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "its outputs are not what its op makes";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Changed(scene, (record, index) => record with { Outputs = record.Outputs[..^1] });
}
