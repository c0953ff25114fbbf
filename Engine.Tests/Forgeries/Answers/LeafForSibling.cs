using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A leaf that is needed is left out; its digest stands among the siblings.</summary>
internal sealed class LeafForSibling : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "a leaf is left out and its hash given as a sibling";

    /// <inheritdoc/>
    public Reason Reason => Reason.Incomplete;

    /// <inheritdoc/>
    public string Says => "is not opened";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Reopened(scene, (indices, count) => indices.Length > 1 ? indices[1..] : null);
}
