using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.FilesOf;

/// <summary>A file is of another format.</summary>
internal sealed class FormatOther(FileKind kind) : IForgery
{
    /// <inheritdoc/>
    public string Code => "C1";

    /// <inheritdoc/>
    public string Attack => $"the {kind} file is of format 2";

    /// <inheritdoc/>
    public Reason Reason => kind == FileKind.Statement ? Reason.StatementNotValid : Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "another format";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Whole.Of(scene, kind).Edit(kind, bytes => [.. bytes[..4], 2, 0, .. bytes[6..]]);
}
