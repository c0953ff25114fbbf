using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>An accusation opens a list longer than any may be.</summary>
internal sealed class ListTooLong : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "an accusation opens a list longer than any may be";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "leaves";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Hostile.LongList;
}
