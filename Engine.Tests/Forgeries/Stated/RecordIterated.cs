using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record is of an iteration.</summary>
internal sealed class RecordIterated : IForgery
{
    /// <inheritdoc/>
    public string Code => "H7";

    /// <inheritdoc/>
    public string Attack => "a record is of an iteration";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "an iteration is 0";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Bytes(scene, index =>
        {
            byte[] record = Stating.RecordBytes(index, "Relu", 1, []);
            record[5] = 1;
            return record;
        });
}
