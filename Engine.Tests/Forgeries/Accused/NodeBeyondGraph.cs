using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A node is accused that the graph has not.</summary>
internal sealed class NodeBeyondGraph : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a node is accused that the graph has not";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "is not opened";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        (Forge.Accuse(scene, Reason.WrongShape, default) with { Element = new ElementRef(scene.Records().Length, 0, 0) }).ToFile();
}
