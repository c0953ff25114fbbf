using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record reads slot 1 of an input.</summary>
internal sealed class ReferenceOfSlotToInput : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a record reads slot 1 of an input";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "refers to a value that cannot be";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(
            scene, index => [Stating.Record(Neg.Instance, Resolution.Committed, new RecordInput(new ValueRef(ValueKind.Input, 900, 1), Stating.Four))]);
}
