using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>Two records give two types to one input.</summary>
internal sealed class ParameterOfTwoTypes : IForgery
{
    /// <inheritdoc/>
    public string Code => "C7";

    /// <inheritdoc/>
    public string Attack => "two records give two types to one input";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "gives another type than an earlier record";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index =>
        [
            Stating.Record(Neg.Instance, Resolution.Committed, Stating.Input(Stating.Four)),
            Stating.Record(Neg.Instance, Resolution.Committed, Stating.Input(new TensorType(DType.F32, new Shape(2, 2)))),
        ]);
}
