using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A graph output is recomputed.</summary>
internal sealed class OutputNotCommitted : IForgery
{
    /// <inheritdoc/>
    public string Code => "H10";

    /// <inheritdoc/>
    public string Attack => "a graph output is recomputed";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "a graph output is not committed";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Output(scene, (record, output) => output.GraphOutput < 0 ? null : output with { Resolution = Resolution.Recomputed });
}
