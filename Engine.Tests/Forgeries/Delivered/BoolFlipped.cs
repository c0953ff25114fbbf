using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A truth value is another.</summary>
internal sealed class BoolFlipped : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "a truth value is another";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongElement;

    /// <inheritdoc/>
    public string Says => "is not what its definition gives";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] outputs = [.. Forge.Outputs(scene, output => output.GraphOutput >= 0 && output.Type.Elements > 0 && output.Type.DType == DType.Bool)];
        return outputs.Length == 0 ? null : Forge.Files(Forge.Flipped(scene, outputs[0], 0));
    }
}
