using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>The parameters skip a number.</summary>
internal sealed class ParameterUnneeded : IForgery
{
    /// <inheritdoc/>
    public string Code => "M3";

    /// <inheritdoc/>
    public string Attack => "the parameters skip a number";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "a parameter is not needed";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        RecordInput far = new(new ValueRef(ValueKind.Parameter, 900), Stating.Four);
        return Stating.After(scene, index =>
        {
            GraphRecord record = Stating.Record(Neg.Instance, Resolution.Committed, far);
            return [record with { Outputs = [record.Outputs[0] with { GraphOutput = scene.Statement.Graph.Outputs.Length }] }];
        });
    }
}
