using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>An output leaf has a byte more.</summary>
internal sealed class OutputLeafLonger : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "an output leaf has a byte more";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongOutputBinding;

    /// <inheritdoc/>
    public string Says => "is not the trace's";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Bound(scene, scene.Receipt.OutputLeaves.SetItem(0, (byte[])[.. scene.Receipt.OutputLeaves[0].Span, 0]));
}
