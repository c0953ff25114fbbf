using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The proof opens a leaf that no check needs.</summary>
internal sealed class LeafSurplus : IForgery
{
    /// <inheritdoc/>
    public string Code => "H15";

    /// <inheritdoc/>
    public string Attack => "the proof opens a leaf that no check needs";

    /// <inheritdoc/>
    public Reason Reason => Reason.Surplus;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Reopened(scene, (indices, count) => indices.Length < count ? Enumerable.Range(0, (int)count).Select(i => (long)i) : null);
}
