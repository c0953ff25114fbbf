using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>The name of an op is not UTF-8.</summary>
internal sealed class OpNameNotText : IForgery
{
    /// <inheritdoc/>
    public string Code => "L2";

    /// <inheritdoc/>
    public string Attack => "the name of an op is not UTF-8";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "not UTF-8";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Bytes(scene, index =>
        {
            byte[] record = Stating.RecordBytes(index, "Relu", 1, []);
            record[13] = 0xFF;
            return record;
        });
}
