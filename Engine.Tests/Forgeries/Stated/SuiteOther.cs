using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement has the other suite over the same roots.</summary>
internal sealed class SuiteOther : IForgery
{
    /// <inheritdoc/>
    public string Code => "H2";

    /// <inheritdoc/>
    public string Attack => "a statement has the other suite over the same roots";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "not those of the graph root";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Forge.Stated(scene, scene.Statement.Statement with { Suite = (Suite)(3 - (int)scene.Suite()) });
}
