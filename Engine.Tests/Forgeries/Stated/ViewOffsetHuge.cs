using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A view starts at the largest number.</summary>
internal sealed class ViewOffsetHuge : IForgery
{
    /// <inheritdoc/>
    public string Code => "H10";

    /// <inheritdoc/>
    public string Attack => "a view starts at the largest number";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "leaves its source";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Stating.Named(scene, "View", 1, [4], [long.MaxValue], [1]);
}
