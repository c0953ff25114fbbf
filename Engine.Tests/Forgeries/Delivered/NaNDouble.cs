using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A committed f64 NaN has a payload.</summary>
internal sealed class NaNDouble : IForgery
{
    /// <inheritdoc/>
    public string Code => "H9";

    /// <inheritdoc/>
    public string Attack => "a committed f64 NaN has a payload";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.NonCanonicalValue;

    /// <inheritdoc/>
    public string Says => "is not in canonical form";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] outputs = [.. Forge.Outputs(scene, output => output.GraphOutput >= 0 && output.Type.Elements > 0 && output.Type.DType == DType.F64)];
        return outputs.Length == 0 ? null : Forge.Files(Forge.Retold(scene, outputs[0], [1, 0, 0, 0, 0, 0, 0xF8, 0x7F]));
    }
}
