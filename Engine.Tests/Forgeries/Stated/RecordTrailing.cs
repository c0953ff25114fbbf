using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A byte follows a record.</summary>
internal sealed class RecordTrailing : IForgery
{
    /// <inheritdoc/>
    public string Code => "L8";

    /// <inheritdoc/>
    public string Attack => "a byte follows a record";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "trailing bytes";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Bytes(scene, index => [.. Stating.RecordBytes(index, "Relu", 1, []), 0]);
}
