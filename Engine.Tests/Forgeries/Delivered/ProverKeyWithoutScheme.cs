using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Delivered;

/// <summary>A receipt has a key of no scheme.</summary>
internal sealed class ProverKeyWithoutScheme : IForgery
{
    /// <inheritdoc/>
    public string Code => "H18";

    /// <inheritdoc/>
    public string Attack => "a receipt has a key of no scheme";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "no key";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Files(scene).Edit(FileKind.Receipt, bytes => [.. bytes[..40], 1, .. bytes[41..]]);
}
