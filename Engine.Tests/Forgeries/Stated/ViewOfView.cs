using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A view refers to a view.</summary>
internal sealed class ViewOfView : IForgery
{
    /// <inheritdoc/>
    public string Code => "H10";

    /// <inheritdoc/>
    public string Attack => "a view refers to a view";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "a view of a view";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        View same = new(AffineView.Identity(Stating.Four.Shape));
        return Stating.After(scene, index =>
            [Stating.Record(same, Resolution.View, Stating.Input(Stating.Four)), Stating.Record(same, Resolution.View, Stating.Node(index, Stating.Four))]);
    }
}
