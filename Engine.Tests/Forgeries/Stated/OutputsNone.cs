using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>The graph has no output.</summary>
internal sealed class OutputsNone : IForgery
{
    /// <inheritdoc/>
    public string Code => "M1";

    /// <inheritdoc/>
    public string Attack => "the graph has no output";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "the graph has no output";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Stated(scene, scene.Records().Select(record => record with { Outputs = [.. record.Outputs.Select(output => output with { GraphOutput = -1 })] }));
}
