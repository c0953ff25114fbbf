using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A view reads behind its source.</summary>
internal sealed class ViewLeavesSource : IForgery
{
    /// <inheritdoc/>
    public string Code => "H10";

    /// <inheritdoc/>
    public string Attack => "a view reads behind its source";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "leaves its source";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Stating.Named(scene, "View", 1, [4], [1], [1]);
}
