using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>The tensor of node 2^32 - 1 is opened.</summary>
internal sealed class ValueHuge : IForgery
{
    /// <inheritdoc/>
    public string Code => "H14";

    /// <inheritdoc/>
    public string Attack => "the tensor of node 2^32 - 1 is opened";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "a tensor is no value";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.Proof);
        writer.Raw(scene.Proof.ChallengeId.Span);
        writer.U8(0);
        writer.U32(1);
        writer.U8((int)ValueKind.Node);
        writer.U32(uint.MaxValue);
        writer.U64(0);
        writer.U64(0);
        return Forge.Files(scene) with { Proof = writer.ToArray() };
    }
}
