using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A chain of 17 values is recomputed.</summary>
internal sealed class DepthAboveBound : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "a chain of 17 values is recomputed";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "may take";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index => Enumerable.Range(index, 17).Select(i =>
            Stating.Record(Neg.Instance, Resolution.Recomputed, i == index ? Stating.Input(Stating.Four) : Stating.Node(i - 1, Stating.Four))));
}
