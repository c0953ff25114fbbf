using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>An output leaf that repeats the trace is accused.</summary>
internal sealed class BindingIsRight : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "an output leaf that repeats the trace is accused";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "the output leaf is the trace's";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Accused(scene, Reason.WrongOutputBinding, new ElementRef(Forge.Output(scene, 0).Node, Forge.Output(scene, 0).Slot, 0));
}
