using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A true accusation: a row statistic is another than its row gives.</summary>
internal sealed class AuxiliaryForged : IForgery
{
    /// <inheritdoc/>
    public string Code => "H3";

    /// <inheritdoc/>
    public string Attack => "a true accusation: a row statistic is another than its row gives";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Invalid;

    /// <inheritdoc/>
    public Reason Reason => Reason.WrongElement;

    /// <inheritdoc/>
    public string Says => "WrongElement at";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        for (int node = 0; node < scene.Records().Length; node++)
        {
            GraphRecord record = scene.Records()[node];
            if (record.Op.AuxiliaryFrom < record.Outputs.Length)
            {
                ElementRef element = new(node, record.Op.AuxiliaryFrom, 0);
                return Forge.Accused(Forge.Flipped(scene, element, 0), Reason.WrongElement, element);
            }
        }

        return null;
    }
}
