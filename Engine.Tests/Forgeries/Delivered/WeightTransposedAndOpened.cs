using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A prover runs a square weight transposed and opens it so.</summary>
internal sealed class WeightTransposedAndOpened : IForgery
{
    /// <inheritdoc/>
    public string Code => "C7";

    /// <inheritdoc/>
    public string Attack => "a prover runs a square weight transposed and opens it so";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "Parameters: WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Transposed(scene.Graph.Graph) is Graph other ? Forge.Files(Forge.Cheated(scene, other, other, samples: 400)) : null;
}
