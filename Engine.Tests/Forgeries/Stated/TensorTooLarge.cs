using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>An output is larger than a tensor may be.</summary>
internal sealed class TensorTooLarge : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "an output is larger than a tensor may be";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "is too large";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index => [Stating.Record(Neg.Instance, Resolution.Committed, Stating.Input(new TensorType(DType.F64, new Shape(1L << 40))))]);
}
