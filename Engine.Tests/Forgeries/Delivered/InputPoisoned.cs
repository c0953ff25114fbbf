using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>An input has NaNs that are not canonical.</summary>
internal sealed class InputPoisoned : IForgery
{
    /// <inheritdoc/>
    public string Code => "H9";

    /// <inheritdoc/>
    public string Attack => "an input has NaNs that are not canonical";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "not in canonical form";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        scene.Inputs.All(input => Forge.Poisoned(input) is null) ? null
            : Forge.Files(Forge.Rerun(scene, scene.Graph.Graph, [.. scene.Inputs.Select(input => Forge.Poisoned(input) ?? input)]));
}
