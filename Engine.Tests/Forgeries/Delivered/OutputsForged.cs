using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>An output leaf has another root over an honest trace.</summary>
internal sealed class OutputsForged : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "an output leaf has another root over an honest trace";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongOutputBinding;

    /// <inheritdoc/>
    public string Says => "is not the trace's";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Bound(scene, 0, Forge.Output(scene, 0) with { Tensor = Forge.Output(scene, 0).Tensor with { Root = Ids.Of("root", [1]) } });
}
