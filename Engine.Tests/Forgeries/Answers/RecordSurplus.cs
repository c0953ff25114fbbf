using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The proof opens a record that no check needs.</summary>
internal sealed class RecordSurplus : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "the proof opens a record that no check needs";

    /// <inheritdoc/>
    public Reason Reason => Reason.Surplus;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Reopened(
            scene, TreeKind.Graph, (indices, count) => indices.Length < count ? Enumerable.Range(0, (int)count).Select(i => (long)i) : null);
}
