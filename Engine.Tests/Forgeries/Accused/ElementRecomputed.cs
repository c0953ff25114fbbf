using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A recomputed element is accused.</summary>
internal sealed class ElementRecomputed : IForgery
{
    /// <inheritdoc/>
    public string Code => "C4";

    /// <inheritdoc/>
    public string Attack => "a recomputed element is accused";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "no committed element";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] others = [.. Forge.Outputs(scene, output => output.Resolution == Resolution.Recomputed)];
        return others.Length == 0 ? null : Forge.Accused(scene, Reason.WrongElement, others[random.Below(others.Length)]);
    }
}
