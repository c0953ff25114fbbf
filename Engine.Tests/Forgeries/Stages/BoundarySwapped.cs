using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stages;

/// <summary>A stage says what it took in, in another order.</summary>
internal sealed class BoundarySwapped : IForgery
{
    /// <inheritdoc/>
    public string Code => "stages";

    /// <inheritdoc/>
    public string Attack => "a stage says what it took in, in another order";

    /// <inheritdoc/>
    public Reason Reason => Reason.StagesApart;

    /// <inheritdoc/>
    public string Says => "took in another value";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Staging.Taken(scene, leaves => leaves.Length < 2 ? null : [leaves[1], leaves[0], .. leaves[2..]]);
}
