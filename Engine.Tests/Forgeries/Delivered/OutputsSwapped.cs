using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>Two output leaves change places.</summary>
internal sealed class OutputsSwapped : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "two output leaves change places";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongOutputBinding;

    /// <inheritdoc/>
    public string Says => "is not the trace's";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        scene.Receipt.OutputLeaves.Length < 2 ? null
            : Forge.Bound(scene, [scene.Receipt.OutputLeaves[1], scene.Receipt.OutputLeaves[0], .. scene.Receipt.OutputLeaves[2..]]);
}
