using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>A value that is no graph output is accused of its output leaf.</summary>
internal sealed class BindingOfNoOutput : IForgery
{
    /// <inheritdoc/>
    public string Code => "C2";

    /// <inheritdoc/>
    public string Attack => "a value that is no graph output is accused of its output leaf";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "no graph output";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        ElementRef[] others = [.. Forge.Outputs(scene, output => output.GraphOutput < 0)];
        return others.Length == 0 ? null : Forge.Accused(scene, Reason.WrongOutputBinding, others[random.Below(others.Length)]);
    }
}
