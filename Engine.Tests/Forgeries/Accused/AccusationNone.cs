using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>Nothing is accused.</summary>
internal sealed class AccusationNone : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "nothing is accused";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "no conviction";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        (Forge.Accuse(scene, Reason.WrongShape, default) with { Accusation = Reason.None }).ToFile();
}
