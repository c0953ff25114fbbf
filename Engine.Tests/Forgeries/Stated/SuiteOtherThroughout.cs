using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A run under one suite is given for one under the other, every list hashed anew.</summary>
internal sealed class SuiteOtherThroughout : IForgery
{
    /// <inheritdoc/>
    public string Code => "H2";

    /// <inheritdoc/>
    public string Attack => "a run under one suite is given for one under the other, every list hashed anew";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public string Says => "WrongRoot";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Another.Suite(scene);
}
