using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A receipt is accused because an opening of its does not verify.</summary>
internal sealed class AccusationUnopenable : IForgery
{
    /// <inheritdoc/>
    public string Code => "C11";

    /// <inheritdoc/>
    public string Attack => "a receipt is accused because an opening of its does not verify";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "no conviction";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        (Forge.Accuse(scene, Reason.WrongShape, default) with { Accusation = Reason.BadOpening }).ToFile();
}
