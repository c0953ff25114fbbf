using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record names 4,096 inputs and has none.</summary>
internal sealed class InputsCountLies : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "a record names 4,096 inputs and has none";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "truncated";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Bytes(scene, index =>
        {
            byte[] record = Stating.RecordBytes(index, "Relu", 1, []);
            record[20] = 0x00;
            record[21] = 0x10;
            return record;
        });
}
