using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>An accusation under a statement of its own nests 5,000 values.</summary>
internal sealed class DepthUnbounded : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "an accusation under a statement of its own nests 5,000 values";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "exceeds the limits";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Hostile.Deep;
}
