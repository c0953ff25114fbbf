using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries.Answers;

/// <summary>A proof names a million leaves and has none.</summary>
internal sealed class CountLies : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "a proof names a million leaves and has none";

    /// <inheritdoc/>
    public Reason Reason => Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "truncated";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.Proof);
        writer.Raw(scene.Proof.ChallengeId.Span);
        writer.U8(1);
        writer.U8((int)TreeKind.Graph);
        writer.I64(1 << 20);
        writer.U32(1 << 20);
        return Forge.Files(scene) with { Proof = writer.ToArray() };
    }
}
