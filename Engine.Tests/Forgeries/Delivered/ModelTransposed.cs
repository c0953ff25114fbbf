using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>The receipt of a model is given for the model with a square weight transposed.</summary>
internal sealed class ModelTransposed : IForgery
{
    /// <inheritdoc/>
    public string Code => "C7";

    /// <inheritdoc/>
    public string Attack => "the receipt of a model is given for the model with a square weight transposed";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotBound;

    /// <inheritdoc/>
    public string Says => "another statement or receipt";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Transposed(scene.Graph.Graph) is Graph other
            ? Forge.Files(scene) with { Statement = Forge.Rerun(scene, other, scene.Inputs).Statement.ToArray() }
            : null;
}
