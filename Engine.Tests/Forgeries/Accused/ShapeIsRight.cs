using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A trace leaf that fits its record is accused.</summary>
internal sealed class ShapeIsRight : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "a trace leaf that fits its record is accused";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "is what its record asks for";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Accused(scene, Reason.WrongShape, new ElementRef(random.Below(scene.Records().Length), 0, 0));
}
