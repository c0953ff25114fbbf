using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record spells an op in another way.</summary>
internal sealed class OpNameInOtherCase : IForgery
{
    /// <inheritdoc/>
    public string Code => "L2";

    /// <inheritdoc/>
    public string Attack => "a record spells an op in another way";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "the op is not in these semantics";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Stating.Named(scene, "relu", 1);
}
