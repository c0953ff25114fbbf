using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement weights 2^32 - 1 draws.</summary>
internal sealed class MixHuge : IForgery
{
    /// <inheritdoc/>
    public string Code => "H5";

    /// <inheritdoc/>
    public string Attack => "a statement weights 2^32 - 1 draws";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "a mix is at most";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene).Edit(FileKind.Statement, bytes => [.. bytes[..148], 255, 255, 255, 255, .. bytes[152..]]);
}
