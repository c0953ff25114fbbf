using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement has no records.</summary>
internal sealed class RecordsNone : IForgery
{
    /// <inheritdoc/>
    public string Code => "M1";

    /// <inheritdoc/>
    public string Attack => "a statement has no records";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "no records";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Forge.Stated(scene, (IEnumerable<GraphRecord>)[]);
}
