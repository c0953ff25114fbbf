using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>Two graph outputs have one number.</summary>
internal sealed class OutputNumberTwice : IForgery
{
    /// <inheritdoc/>
    public string Code => "M1";

    /// <inheritdoc/>
    public string Attack => "two graph outputs have one number";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "occurs twice";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Stating.After(scene, index =>
        {
            GraphRecord record = Stating.Record(Neg.Instance, Resolution.Committed, Stating.Input(Stating.Four));
            return [record with { Outputs = [record.Outputs[0] with { GraphOutput = 0 }] }];
        });
}
