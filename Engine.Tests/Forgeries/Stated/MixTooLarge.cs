using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement weights more than all draws.</summary>
internal sealed class MixTooLarge : IForgery
{
    /// <inheritdoc/>
    public string Code => "H5";

    /// <inheritdoc/>
    public string Attack => "a statement weights more than all draws";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "a mix is at most";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Stated(scene, scene.Statement.Statement with { Challenge = scene.Statement.Statement.Challenge with { Mix = 65537 } });
}
