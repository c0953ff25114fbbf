using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>Records of 4,096 inputs, all but one without elements, stand recomputed on each other under many others.</summary>
internal sealed class WideRecomputed : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "records of 4,096 inputs, all but one without elements, stand recomputed on each other under many others";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "cannot be Recomputed";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index => Enumerable.Range(index, 300).Select(i => i < index + 15
            ? Stating.Record(new Concat(0), Resolution.Recomputed, [.. Stating.Nothings, i == index ? Stating.Input(Stating.Four) : Before(i)])
            : Stating.Record(Neg.Instance, Resolution.Recomputed, Stating.Node(index + 14, Stating.Four))));

    private static RecordInput Before(int index) => Stating.Node(index - 1, Stating.Four);
}
