using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A record says another output shape than its op gives.</summary>
internal sealed class OutputTypeWrong : IForgery
{
    /// <inheritdoc/>
    public string Code => "M1";

    /// <inheritdoc/>
    public string Attack => "a record says another output shape than its op gives";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "its outputs are not what its op makes";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.Output(scene, (record, output) => record.IsView ? null : output with { Type = output.Type with { Shape = new Shape(7, 7, 7) } });
}
