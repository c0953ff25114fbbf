using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement is of semantics 2.</summary>
internal sealed class SemanticsOther : IForgery
{
    /// <inheritdoc/>
    public string Code => "M13";

    /// <inheritdoc/>
    public string Attack => "a statement is of semantics 2";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "other semantics";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene).Edit(FileKind.Statement, bytes => [.. bytes[..9], 2, 0, .. bytes[11..]]);
}
