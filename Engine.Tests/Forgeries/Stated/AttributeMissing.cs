using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record leaves an attribute out.</summary>
internal sealed class AttributeMissing : IForgery
{
    /// <inheritdoc/>
    public string Code => "M3";

    /// <inheritdoc/>
    public string Attack => "a record leaves an attribute out";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "the op is not in these semantics";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Stating.Named(scene, "LeakyRelu", 1);
}
