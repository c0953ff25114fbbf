using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A true accusation names the id of the honest receipt.</summary>
internal sealed class TruthRenamed : IForgery
{
    /// <inheritdoc/>
    public string Code => "H16";

    /// <inheritdoc/>
    public string Attack => "a true accusation names the id of the honest receipt";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "is another than it is named";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Whole.Accusation(scene).Edit(FileKind.FraudProof, bytes => [.. bytes[..39], .. scene.Receipt.Receipt.Id.Span, .. bytes[71..]]);
}
