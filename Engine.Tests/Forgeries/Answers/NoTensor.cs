using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>Nothing but lists is opened.</summary>
internal sealed class NoTensor : IForgery
{
    /// <inheritdoc/>
    public string Code => "C1";

    /// <inheritdoc/>
    public string Attack => "nothing but lists is opened";

    /// <inheritdoc/>
    public Reason Reason => Reason.Incomplete;

    /// <inheritdoc/>
    public string Says => "is not opened";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Forge.Answer(scene, scene.Proof.Openings with { Tensors = [] });
}
