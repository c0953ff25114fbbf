using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A trace leaf has the elements of its record in another shape.</summary>
internal sealed class TraceFlattened : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "a trace leaf has the elements of its record in another shape";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongShape;

    /// <inheritdoc/>
    public string Says => "is not what record";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Entry(scene, entry => entry.Tensor.Type.Shape.Rank < 2 ? null
            : entry with { Tensor = entry.Tensor with { Type = entry.Tensor.Type with { Shape = new Shape(entry.Tensor.Type.Elements) } } });
}
