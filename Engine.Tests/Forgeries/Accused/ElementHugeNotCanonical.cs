using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>The element of the largest number is accused of its form.</summary>
internal sealed class ElementHugeNotCanonical : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "the element of the largest number is accused of its form";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "no committed element";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Element(scene, random) is not ElementRef element ? null
            : (Forge.Accuse(scene, Reason.NonCanonicalValue, element) with { Element = element with { Element = long.MaxValue } }).ToFile();
}
