using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>Inputs of a job index far beyond what they index: whoever ran it must be found honest.</summary>
internal sealed class IndexOutOfRange : IForgery
{
    /// <inheritdoc/>
    public string Code => "H8";

    /// <inheritdoc/>
    public string Attack => "inputs of a job index far beyond what they index: whoever ran it must be found honest";

    /// <inheritdoc/>
    public VerdictKind Kind => VerdictKind.Valid;

    /// <inheritdoc/>
    public Reason Reason => Reason.None;

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        static long Far(int i) => i % 2 == 0 ? long.MinValue : long.MaxValue;
        Tensor[] inputs = [.. scene.Inputs.Select(input => input.Type.DType == DType.I64
            ? Tensor.Of<long>(DType.I64, input.Type.Shape, [.. Enumerable.Range(0, (int)input.Type.Elements).Select(Far)])
            : input)];
        return inputs.SequenceEqual(scene.Inputs) ? null : Forge.Files(Forge.Rerun(scene, scene.Graph.Graph, [.. inputs]));
    }
}
