using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>Nothing needs a node.</summary>
internal sealed class NodeUnneeded : IForgery
{
    /// <inheritdoc/>
    public string Code => "M3";

    /// <inheritdoc/>
    public string Attack => "nothing needs a node";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "nothing needs it";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index => [Stating.Record(Neg.Instance, Resolution.Committed, Stating.Input(Stating.Four))]);
}
