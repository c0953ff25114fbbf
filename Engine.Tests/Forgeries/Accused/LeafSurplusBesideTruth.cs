using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A true accusation opens more than it needs.</summary>
internal sealed class LeafSurplusBesideTruth : IForgery
{
    /// <inheritdoc/>
    public string Code => "H16";

    /// <inheritdoc/>
    public string Attack => "a true accusation opens more than it needs";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "it opens more than it needs";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Whole.Surplus(scene);
}
