using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record reads a slot that its producer has not.</summary>
internal sealed class ReferenceToNoSlot : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a record reads a slot that its producer has not";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "refers to a value that is not earlier";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(
            scene, index => [Stating.Record(Neg.Instance, Resolution.Committed, new RecordInput(new ValueRef(ValueKind.Node, 0, 999), Stating.Four))]);
}
