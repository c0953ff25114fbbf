using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The commitment to an opened tensor is not opened.</summary>
internal sealed class TraceLeafMissing : IForgery
{
    /// <inheritdoc/>
    public string Code => "C1";

    /// <inheritdoc/>
    public string Attack => "the commitment to an opened tensor is not opened";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "the commitment to";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Reopened(scene, TreeKind.Trace, (indices, count) => indices.Length > 1 ? indices[..^1] : null);
}
