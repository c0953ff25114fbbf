using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record names another place than its own.</summary>
internal sealed class RecordOfAnotherIndex : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a record names another place than its own";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "the record of another node";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Bytes(scene, index => Stating.RecordBytes(index + 1, "Relu", 1, []));
}
