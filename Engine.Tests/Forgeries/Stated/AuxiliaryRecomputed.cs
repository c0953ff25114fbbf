using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>The row statistics of a softmax are recomputed.</summary>
internal sealed class AuxiliaryRecomputed : IForgery
{
    /// <inheritdoc/>
    public string Code => "H3";

    /// <inheritdoc/>
    public string Attack => "the row statistics of a softmax are recomputed";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "cannot be Recomputed";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index => [Stating.Record(new Softmax(false), Resolution.Recomputed, Stating.Input(Stating.Four))]);
}
