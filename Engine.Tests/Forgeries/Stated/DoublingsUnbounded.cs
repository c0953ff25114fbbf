using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>64 values are each the sum of the one before with itself, and none is committed.</summary>
internal sealed class DoublingsUnbounded : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "64 values are each the sum of the one before with itself, and none is committed";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "may take";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index => Enumerable.Range(index, 64).Select(i =>
        {
            RecordInput before = i == index ? Stating.Input(Stating.Four) : Stating.Node(i - 1, Stating.Four);
            return Stating.Record(Add.Instance, Resolution.Recomputed, before, before);
        }));
}
