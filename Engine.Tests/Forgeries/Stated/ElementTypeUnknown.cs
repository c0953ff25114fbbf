using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record has an element type that is none.</summary>
internal sealed class ElementTypeUnknown : IForgery
{
    /// <inheritdoc/>
    public string Code => "H9";

    /// <inheritdoc/>
    public string Attack => "a record has an element type that is none";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "no element type";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Bytes(scene, index =>
        {
            byte[] record = Stating.RecordBytes(index, "Relu", 1, []);
            record[29] = 8;
            return record;
        });
}
