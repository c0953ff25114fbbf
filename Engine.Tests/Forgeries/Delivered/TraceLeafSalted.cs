using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A trace leaf says that its tensor's leaves are salted.</summary>
internal sealed class TraceLeafSalted : IForgery
{
    /// <inheritdoc/>
    public string Code => "M8";

    /// <inheritdoc/>
    public string Attack => "a trace leaf says that its tensor's leaves are salted";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongShape;

    /// <inheritdoc/>
    public string Says => "is not what record";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        int node = Forge.Output(scene, 0).Node;
        byte[] leaf = scene.Receipt.TraceLeaves[node].ToArray();
        leaf[^(Digest.Bytes + 1)] = 1;
        return Forge.Traced(scene, node, leaf);
    }
}
