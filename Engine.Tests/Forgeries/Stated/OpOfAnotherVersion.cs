using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record has an op in a version that is not in the semantics.</summary>
internal sealed class OpOfAnotherVersion : IForgery
{
    /// <inheritdoc/>
    public string Code => "M13";

    /// <inheritdoc/>
    public string Attack => "a record has an op in a version that is not in the semantics";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "the op is not in these semantics";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Stating.Named(scene, "Relu", 2);
}
