using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage says that it took in a value with another type.</summary>
internal sealed class BoundaryRetyped : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage says that it took in a value with another type";

    /// <inheritdoc/>
    public Reason Reason => Reason.StagesApart;

    /// <inheritdoc/>
    public string Says => "took in another value";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Taken(scene, leaves => leaves.IsEmpty ? null : leaves.SetItem(0, Staging.Leaf(leaves[0], leaf =>
            leaf with { Tensor = leaf.Tensor with { Type = new TensorType(leaf.Tensor.Type.DType, new Shape(leaf.Tensor.Type.Elements, 1, 1, 1)) } })));
}
