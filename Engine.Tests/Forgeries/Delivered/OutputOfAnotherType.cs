using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>An output leaf has another shape.</summary>
internal sealed class OutputOfAnotherType : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "an output leaf has another shape";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongOutputBinding;

    /// <inheritdoc/>
    public string Says => "is not the trace's";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Bound(scene, 0, Forge.Output(scene, 0) with { Tensor = Forge.Output(scene, 0).Tensor with { Type = new TensorType(DType.U8, new Shape(3)) } });
}
