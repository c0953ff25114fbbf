using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Challenged;

/// <summary>A challenge names another statement.</summary>
internal sealed class ChallengeForAnotherStatement : IForgery
{
    /// <inheritdoc/>
    public string Code => "C8";

    /// <inheritdoc/>
    public string Attack => "a challenge names another statement";

    /// <inheritdoc/>
    public Reason Reason => Reason.NotBound;

    /// <inheritdoc/>
    public string Says => "another statement or receipt";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Asked(scene, scene.Challenge with { StatementId = Ids.Of("statement", [1]) });
}
