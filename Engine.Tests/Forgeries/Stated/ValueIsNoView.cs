using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>An output says that it is a view, and its op is none.</summary>
internal sealed class ValueIsNoView : IForgery
{
    /// <inheritdoc/>
    public string Code => "H10";

    /// <inheritdoc/>
    public string Attack => "an output says that it is a view, and its op is none";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "cannot be View";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index => [Stating.Record(Neg.Instance, Resolution.View, Stating.Input(Stating.Four))]);
}
