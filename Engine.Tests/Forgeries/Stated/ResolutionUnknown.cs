using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>An output has resolution 4.</summary>
internal sealed class ResolutionUnknown : IForgery
{
    /// <inheritdoc/>
    public string Code => "C4";

    /// <inheritdoc/>
    public string Attack => "an output has resolution 4";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "an output is no output";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index => [Stating.Record(Neg.Instance, (Resolution)4, Stating.Input(Stating.Four))]);
}
