using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A view's stride times its extent does not fit a number.</summary>
internal sealed class ViewStrideHuge : IForgery
{
    /// <inheritdoc/>
    public string Code => "H10";

    /// <inheritdoc/>
    public string Attack => "a view's stride times its extent does not fit a number";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "leaves its source";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Stating.Named(scene, "View", 1, [4], [0], [long.MinValue]);
}
