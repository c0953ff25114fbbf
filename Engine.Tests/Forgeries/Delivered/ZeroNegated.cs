using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A committed zero has the other sign.</summary>
internal sealed class ZeroNegated : IForgery
{
    /// <inheritdoc/>
    public string Code => "H9";

    /// <inheritdoc/>
    public string Attack => "a committed zero has the other sign";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongElement;

    /// <inheritdoc/>
    public string Says => "is not what its definition gives";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        foreach (ElementRef output in Forge.Outputs(scene, output => output.GraphOutput >= 0 && output.Type.Elements > 0 && output.Type.DType == DType.F32))
        {
            if (BitConverter.ToUInt32(scene.Store.Read(output.Node, output.Slot).Span) == 0)
            {
                return Forge.Files(Forge.Flipped(scene, output, 31));
            }
        }

        return null;
    }
}
