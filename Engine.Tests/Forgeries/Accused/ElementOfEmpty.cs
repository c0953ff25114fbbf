using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>Element 0 of a tensor without elements is accused.</summary>
internal sealed class ElementOfEmpty : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => "element 0 of a tensor without elements is accused";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "no such element";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] empty = [.. Forge.Outputs(scene, output => output.Resolution == Resolution.Committed && output.Type.Elements == 0)];
        return empty.Length == 0 ? null : Forge.Accused(scene, Reason.WrongElement, empty[0]);
    }
}
