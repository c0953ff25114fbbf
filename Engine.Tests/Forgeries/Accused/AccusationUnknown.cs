using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A receipt is accused of what is no offence.</summary>
internal sealed class AccusationUnknown : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "a receipt is accused of what is no offence";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "no conviction";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        (Forge.Accuse(scene, Reason.WrongShape, default) with { Accusation = (Reason)5 }).ToFile();
}
