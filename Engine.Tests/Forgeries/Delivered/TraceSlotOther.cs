using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A trace leaf gives an output as another slot.</summary>
internal sealed class TraceSlotOther : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "a trace leaf gives an output as another slot";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongShape;

    /// <inheritdoc/>
    public string Says => "is not what record";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Forge.Entry(scene, entry => entry with { Slot = entry.Slot + 1 });
}
