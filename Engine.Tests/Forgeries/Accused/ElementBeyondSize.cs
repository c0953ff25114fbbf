using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>The element after the last is accused.</summary>
internal sealed class ElementBeyondSize : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "the element after the last is accused";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "no such element";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Element(scene, random) is not ElementRef element ? null
            : (Forge.Accuse(scene, Reason.WrongElement, element) with
            {
                Element = element with { Element = scene.Statement.Graph.TypeOf(element.Node, element.Slot).Elements },
            }).ToFile();
}
