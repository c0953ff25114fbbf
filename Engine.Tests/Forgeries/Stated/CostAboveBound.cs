using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>Checking one element takes more than 2^20 operations.</summary>
internal sealed class CostAboveBound : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "checking one element takes more than 2^20 operations";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "may take";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index =>
        [
            Stating.Record(GlobalAveragePool.Instance, Resolution.Committed, Stating.Input(new TensorType(DType.F32, new Shape(1, 1, 1 << 21)))),
        ]);
}
