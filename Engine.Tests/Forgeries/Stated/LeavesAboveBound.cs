using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>One element of a dot product reads a column of a row-major matrix.</summary>
internal sealed class LeavesAboveBound : IForgery
{
    /// <inheritdoc/>
    public string Code => "C6";

    /// <inheritdoc/>
    public string Attack => "one element of a dot product reads a column of a row-major matrix";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "may take";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        TensorType matrix = new(DType.F32, new Shape(4096, 512));
        View column = new(new AffineView(new Shape(512, 4096), 0, [1, 512]));
        return Stating.After(scene, index =>
        [
            Stating.Record(column, Resolution.View, Stating.Input(matrix)),
            Stating.Record(Dot.Plain, Resolution.Committed, Stating.Node(index, new TensorType(DType.F32, new Shape(512, 4096))),
                new RecordInput(new ValueRef(ValueKind.Input, 901), new TensorType(DType.F32, new Shape(1, 4096)))),
        ]);
    }
}
