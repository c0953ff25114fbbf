using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A trace leaf has another element type than its record.</summary>
internal sealed class TraceOfAnotherElementType : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "a trace leaf has another element type than its record";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongShape;

    /// <inheritdoc/>
    public string Says => "is not what record";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Entry(
            scene, entry => entry with { Tensor = entry.Tensor with { Type = entry.Tensor.Type with { DType = DType.U32 } } });
}
