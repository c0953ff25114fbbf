using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A parameter is opened as the input of the same number.</summary>
internal sealed class ParameterForInput : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "a parameter is opened as the input of the same number";

    /// <inheritdoc/>
    public Reason Reason => Reason.BadOpening;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        Openings openings = scene.Proof.Openings;
        TensorOpening? parameter = openings.Tensors.FirstOrDefault(tensor => tensor.Value.Kind == ValueKind.Parameter);
        return parameter is null ? null : Forge.Answer(scene, openings with
        {
            Tensors =
            [
                .. openings.Tensors.Where(tensor => tensor.Value.Kind != ValueKind.Input && tensor != parameter),
                parameter with { Value = new ValueRef(ValueKind.Input, parameter.Value.Index) },
            ],
        });
    }
}
