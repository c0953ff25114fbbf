using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>An accusation under a statement of its own asks for 2^64 additions.</summary>
internal sealed class CostUnbounded : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "an accusation under a statement of its own asks for 2^64 additions";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "exceeds the limits";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Hostile.Doublings;
}
