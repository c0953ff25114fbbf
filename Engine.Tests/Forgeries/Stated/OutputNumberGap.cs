using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>The graph outputs skip a number.</summary>
internal sealed class OutputNumberGap : IForgery
{
    /// <inheritdoc/>
    public string Code => "M1";

    /// <inheritdoc/>
    public string Attack => "the graph outputs skip a number";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "without a gap";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Output(scene, (record, output) => output.GraphOutput != 0 ? null : output with { GraphOutput = 70 });
}
