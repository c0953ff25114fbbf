using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record reads input 2^32 - 1.</summary>
internal sealed class ReferenceHuge : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a record reads input 2^32 - 1";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "an input is no value";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Bytes(scene, index =>
        {
            byte[] record = Stating.RecordBytes(index, "Relu", 1, []);
            record.AsSpan(23, 4).Fill(255);
            return record;
        });
}
