using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record gives another type to what it reads.</summary>
internal sealed class ReferenceOfAnotherType : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a record gives another type to what it reads";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "gives another type";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index =>
        [
            Stating.Record(Neg.Instance, Resolution.Recomputed, Stating.Input(Stating.Four)),
            Stating.Record(Neg.Instance, Resolution.Committed, Stating.Node(index, new TensorType(DType.I32, new Shape(4)))),
        ]);
}
