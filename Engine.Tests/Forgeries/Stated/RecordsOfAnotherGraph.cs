using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement comes with records that are not under its graph root.</summary>
internal sealed class RecordsOfAnotherGraph : IForgery
{
    /// <inheritdoc/>
    public string Code => "M1";

    /// <inheritdoc/>
    public string Attack => "a statement comes with records that are not under its graph root";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "not those of the graph root";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Stated(scene, scene.Statement.Statement, [.. scene.Statement.RecordBytes.Skip(1), scene.Statement.RecordBytes[0]]);
}
