using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>An output leaf names another slot.</summary>
internal sealed class OutputOfAnotherSlot : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "an output leaf names another slot";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongOutputBinding;

    /// <inheritdoc/>
    public string Says => "is not the trace's";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Forge.Bound(scene, 0, Forge.Output(scene, 0) with { Slot = 7 });
}
