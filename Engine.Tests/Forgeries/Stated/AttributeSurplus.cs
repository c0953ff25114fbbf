using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record has an attribute that its op has not.</summary>
internal sealed class AttributeSurplus : IForgery
{
    /// <inheritdoc/>
    public string Code => "M3";

    /// <inheritdoc/>
    public string Attack => "a record has an attribute that its op has not";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "the op is not in these semantics";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Stating.Named(scene, "Relu", 1, [1]);
}
