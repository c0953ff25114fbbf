using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement asks for 2^32 - 1 samples.</summary>
internal sealed class SamplesHuge : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "a statement asks for 2^32 - 1 samples";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "more samples than the limit";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene).Edit(FileKind.Statement, bytes => [.. bytes[..144], 255, 255, 255, 255, .. bytes[148..]]);
}
