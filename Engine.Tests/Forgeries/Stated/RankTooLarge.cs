using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A shape has nine extents.</summary>
internal sealed class RankTooLarge : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "a shape has nine extents";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "the op is not in these semantics";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Named(scene, "View", 1, [1, 1, 1, 1, 1, 1, 1, 1, 1], [0], [1, 1, 1, 1, 1, 1, 1, 1, 1]);
}
