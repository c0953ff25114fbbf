using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A true accusation of an output leaf names an element too.</summary>
internal sealed class BindingWithElement : IForgery
{
    /// <inheritdoc/>
    public string Code => "H16";

    /// <inheritdoc/>
    public string Attack => "a true accusation of an output leaf names an element too";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "name exactly";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Whole.Binding(scene, element: 1);
}
