using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement has policy 3.</summary>
internal sealed class PolicyUnknown : IForgery
{
    /// <inheritdoc/>
    public string Code => "C4";

    /// <inheritdoc/>
    public string Attack => "a statement has policy 9";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "no policy";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene).Edit(FileKind.Statement, bytes => [.. bytes[..13], 9, .. bytes[14..]]);
}
