using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>An accusation opens 4,096 tensors of one trace leaf.</summary>
internal sealed class TensorsOfOneLeaf : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "an accusation opens 4,096 tensors of one trace leaf";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "opens more";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Hostile.ManyTensors;
}
