using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A parameter has NaNs that are not canonical.</summary>
internal sealed class ParameterPoisoned : IForgery
{
    /// <inheritdoc/>
    public string Code => "H9";

    /// <inheritdoc/>
    public string Attack => "a parameter has NaNs that are not canonical";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "not in canonical form";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        Graph graph = scene.Graph.Graph;
        return graph.Parameters.All(parameter => Forge.Poisoned(parameter.Value) is null) ? null : Forge.Files(Forge.Rerun(
            scene, graph.WithParameters([.. graph.Parameters.Select(parameter => Forge.Poisoned(parameter.Value) ?? parameter.Value)]), scene.Inputs));
    }
}
