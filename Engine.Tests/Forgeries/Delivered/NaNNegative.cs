using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A committed NaN has a sign.</summary>
internal sealed class NaNNegative : IForgery
{
    /// <inheritdoc/>
    public string Code => "H9";

    /// <inheritdoc/>
    public string Attack => "a committed NaN has a sign";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.NonCanonicalValue;

    /// <inheritdoc/>
    public string Says => "is not in canonical form";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] outputs = [.. Forge.Outputs(scene, output => output.GraphOutput >= 0 && output.Type.Elements > 0 && output.Type.DType == DType.F32)];
        return outputs.Length == 0 ? null : Forge.Files(Forge.Retold(scene, outputs[0], [0, 0, 0xC0, 0xFF]));
    }
}
