using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A prover runs a square weight transposed and opens the model's.</summary>
internal sealed class WeightTransposed : IForgery
{
    /// <inheritdoc/>
    public string Code => "C7";

    /// <inheritdoc/>
    public string Attack => "a prover runs a square weight transposed and opens the model's";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongElement;

    /// <inheritdoc/>
    public string Says => "is not what its definition gives";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Transposed(scene.Graph.Graph) is Graph other ? Forge.Files(Forge.Cheated(scene, other, scene.Graph.Graph, samples: 400)) : null;
}
