using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A float attribute has NaN bits that are not canonical.</summary>
internal sealed class AttributeNotANumber : IForgery
{
    /// <inheritdoc/>
    public string Code => "M3";

    /// <inheritdoc/>
    public string Attack => "a float attribute has NaN bits that are not canonical";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "the op is not in these semantics";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Stating.Named(scene, "LeakyRelu", 1, [0xFFC0_0001]);
}
