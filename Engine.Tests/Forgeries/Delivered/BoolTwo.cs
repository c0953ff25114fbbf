using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A truth value is 2.</summary>
internal sealed class BoolTwo : IForgery
{
    /// <inheritdoc/>
    public string Code => "H9";

    /// <inheritdoc/>
    public string Attack => "a truth value is 2";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.NonCanonicalValue;

    /// <inheritdoc/>
    public string Says => "is not in canonical form";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] outputs = [.. Forge.Outputs(scene, output => output.GraphOutput >= 0 && output.Type.Elements > 0 && output.Type.DType == DType.Bool)];
        return outputs.Length == 0 ? null : Forge.Files(Forge.Retold(scene, outputs[0], [2]));
    }
}
