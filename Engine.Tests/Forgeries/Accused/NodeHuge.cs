using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A node is accused that no graph has.</summary>
internal sealed class NodeHuge : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a node is accused that no graph has";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "no element";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        (Forge.Accuse(scene, Reason.WrongShape, default) with { Element = new ElementRef(Limits.Nodes, 0, 0) }).ToFile();
}
