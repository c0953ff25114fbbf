using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement has suite 3.</summary>
internal sealed class SuiteUnknown : IForgery
{
    /// <inheritdoc/>
    public string Code => "H2";

    /// <inheritdoc/>
    public string Attack => "a statement has suite 3";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "no suite";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene).Edit(FileKind.Statement, bytes => [.. bytes[..14], 3, .. bytes[15..]]);
}
