using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>An element of a view is accused.</summary>
internal sealed class ElementOfView : IForgery
{
    /// <inheritdoc/>
    public string Code => "H10";

    /// <inheritdoc/>
    public string Attack => "an element of a view is accused";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "no committed element";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] others = [.. Forge.Outputs(scene, output => output.Resolution == Resolution.View)];
        return others.Length == 0 ? null : Forge.Accused(scene, Reason.WrongElement, others[random.Below(others.Length)]);
    }
}
