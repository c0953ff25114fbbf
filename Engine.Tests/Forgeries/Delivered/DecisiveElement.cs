using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>The last element of an output is another, and no draw meets it.</summary>
internal sealed class DecisiveElement : IForgery
{
    /// <inheritdoc/>
    public string Code => "H6";

    /// <inheritdoc/>
    public string Attack => "the last element of an output is another, and no draw meets it";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongElement;

    /// <inheritdoc/>
    public string Says => "is not what its definition gives";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        foreach (ElementRef first in Forge.Outputs(scene, output => output is { GraphOutput: >= 0, Type.Elements: > 64 } && output.Type.DType == DType.F32))
        {
            ElementRef last = first with { Element = scene.Statement.Graph.TypeOf(first.Node, first.Slot).Elements - 1 };
            Scene cheat = Forge.Flipped(scene, last, 1);
            if (!Enumerable.Range(0, scene.Challenge.Samples)
                .Any(i => cheat.Challenge.Draw(i, scene.Statement.Statement.Challenge, scene.Statement.Graph) == last))
            {
                return Forge.Files(cheat);
            }
        }

        return null;
    }
}
