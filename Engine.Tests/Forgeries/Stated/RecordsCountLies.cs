using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.Stated;

/// <summary>A statement names a million records and has one.</summary>
internal sealed class RecordsCountLies : IForgery
{
    /// <inheritdoc/>
    public string Code => "C5";

    /// <inheritdoc/>
    public string Attack => "a statement names a million records and has one";

    /// <inheritdoc/>
    public Reason Reason => Reason.StatementNotValid;

    /// <inheritdoc/>
    public string Says => "truncated";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random)
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.Statement);
        scene.Statement.Statement.Write(writer);
        writer.U32(1 << 20);
        writer.U32(0);
        return Forge.Files(scene) with { Statement = writer.ToArray() };
    }
}
