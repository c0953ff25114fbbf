using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Accused;

/// <summary>An element over an input that is not canonical is accused.</summary>
internal sealed class InputPoisonedAccused : IForgery
{
    /// <inheritdoc/>
    public string Code => "H9";

    /// <inheritdoc/>
    public string Attack => "an element over an input that is not canonical is accused";

    /// <inheritdoc/>
    public Reason Reason => Reason.AccusationDismissed;

    /// <inheritdoc/>
    public string Says => "an opened value is not in canonical form";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        if (scene.Inputs.All(input => Forge.Poisoned(input) is null))
        {
            return null;
        }

        Scene poisoned = Forge.Rerun(scene, scene.Graph.Graph, [.. scene.Inputs.Select(input => Forge.Poisoned(input) ?? input)]);
        ElementRef[] readers = [.. Forge.Outputs(poisoned, output => output.Resolution == Resolution.Committed && output.Type.Elements > 0)
            .Where(element => poisoned.Records()[element.Node].Inputs.Any(input => input is { Source.Kind: ValueKind.Input, Type.DType: DType.F32 }))];
        return readers.Length == 0 ? null : Forge.Accused(poisoned, Reason.WrongElement, readers[0]);
    }
}
